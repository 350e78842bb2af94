/**
 * Puts another tool's history beside the files on disk: which files it applied, and why it cannot be taken over. A pure
 * function; it decides what the ledger will say.
 */
import type { Problem } from '../../model/problem.ts';
import type { DirectoryContents, MigrationFile, RepeatableFile } from '../files.ts';
import { fullName } from '../plan-problems.ts';
import { compareVersions, versionKey } from '../version-order.ts';
import { matchesForeign } from './foreign-checksum.ts';
import type { History, HistoryEntry, Tool } from './history.ts';
import { editedBefore, gapProblem, withoutFile } from './match-problems.ts';

/** A file that the tool applied; times are ISO 8601 in UTC, null where the tool does not keep them. */
export interface TakenMigration {
  readonly file: MigrationFile;
  readonly appliedAt: string | null;
  readonly durationMs: number | null;
  /** Whether the tool's own checksum says that the file is the one it applied. */
  readonly checksum: 'matches' | 'differs' | 'not-kept';
}

export interface TakenRepeatable extends Pick<TakenMigration, 'appliedAt' | 'durationMs'> {
  readonly file: RepeatableFile;
}

export interface Matched {
  /** In order of their versions. */
  readonly taken: readonly TakenMigration[];
  /** Repeatable ones that have not changed since; the others are simply run again. */
  readonly repeatables: readonly TakenRepeatable[];
  readonly pending: readonly MigrationFile[];
  readonly problems: readonly Problem[];
}

/** `edits`: whether a file that the tool applied may have been edited since. */
export function matchHistory(
  tool: Tool,
  history: History,
  { contents, edits }: { readonly contents: DirectoryContents; readonly edits: 'refused' | 'accepted' },
): Matched {
  const { files } = contents;
  const byVersion = new Map(files.map((file) => [versionKey(file.version), file]));
  const versions = history.entries.flatMap((entry) =>
    entry.of.kind === 'version' ? [{ entry, key: versionKey(entry.of.version) }] : [],
  );
  const entryOf = new Map(versions.map(({ entry, key }) => [key, entry]));
  const taken = files.flatMap((file) => takenOf(file, history, entryOf.get(versionKey(file.version))));
  const known = new Set(taken.map(({ file }) => file));
  const pending = files.filter((file) => !known.has(file));
  const edited = edits === 'accepted' ? [] : taken.filter(({ checksum }) => checksum === 'differs');
  const lost = [
    ...versions.filter(({ key }) => !byVersion.has(key)).map(({ entry }) => entry.label),
    ...lostEnd(history, byVersion),
  ];
  return {
    taken,
    repeatables: history.entries.flatMap((entry) => repeatableOf(contents, entry)),
    pending,
    // A history that says itself that something is broken says nothing reliable about the rest.
    problems:
      history.problems.length > 0
        ? history.problems
        : [
            ...(lost.length > 0 ? [withoutFile(tool, lost)] : []),
            ...(edited.length > 0
              ? [
                  editedBefore(
                    tool,
                    edited.map(({ file }) => file.up.path),
                  ),
                ]
              : []),
            ...gaps(tool, taken, pending),
          ],
  };
}

function takenOf(file: MigrationFile, { through }: History, entry: HistoryEntry | undefined): TakenMigration[] {
  if (!entry) {
    const covered = through !== null && compareVersions(file.version, through.version) <= 0;
    return covered ? [{ file, appliedAt: null, durationMs: null, checksum: 'not-kept' }] : [];
  }
  const { appliedAt, durationMs, checksum } = entry;
  if (!checksum) return [{ file, appliedAt, durationMs, checksum: 'not-kept' }];
  return [{ file, appliedAt, durationMs, checksum: matchesForeign(file.up, checksum) ? 'matches' : 'differs' }];
}

/** The version up to which everything is applied has a file of its own, or the files are not those of this database. */
function lostEnd({ through }: History, byVersion: ReadonlyMap<string, MigrationFile>): string[] {
  if (!through || through.file === 'optional' || byVersion.has(versionKey(through.version))) return [];
  return [through.version];
}

function repeatableOf({ repeatables }: DirectoryContents, entry: HistoryEntry): TakenRepeatable[] {
  const { of, appliedAt, durationMs, checksum } = entry;
  if (of.kind !== 'repeatable') return [];
  // Tools show the underscores of a name as spaces.
  const file = repeatables.find(({ name }) => name.replaceAll('_', ' ') === of.name.replaceAll('_', ' '));
  const unchanged = file && checksum && matchesForeign(file.up, checksum);
  return unchanged ? [{ file, appliedAt, durationMs }] : [];
}

function gaps(tool: Tool, taken: readonly TakenMigration[], pending: readonly MigrationFile[]): Problem[] {
  const last = taken.at(-1)?.file;
  const late = last ? pending.filter((file) => compareVersions(file.version, last.version) < 0) : [];
  return late.length > 0 && last ? [gapProblem(tool, late.map(fullName), fullName(last))] : [];
}
