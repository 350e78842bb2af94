/**
 * What formats with one file per migration share: the files are found by name, each is cut by the format, and numbers that
 * are doubled, left out or without a way back are told. It knows no marker.
 */
import type { NameRules } from '../file-names.ts';
import type { MigrationFile } from '../files.ts';
import { gapsIn } from '../number-gaps.ts';
import { isRepeatable, type RepeatableFile, repeatableFile } from '../repeatable-files.ts';
import { isBroken, type SqlFile } from '../sql-file.ts';
import { compareVersions, versionKey } from '../version-order.ts';
import type { SourceRead } from './format.ts';
import type { Listing } from './listing.ts';
import { type Cut, cutFile } from './sections.ts';

/** `7_name.sql` or `7-name.sql`; not golang-migrate's `7_name.up.sql`. */
export const NUMBERED = /^(\d+)[-_]?(.*)\.sql$/;

export interface NumberedFormat {
  /** Version and name are its first two groups. Default `NUMBERED`. */
  readonly pattern?: RegExp;
  cut(text: string): Cut;
}

/** Names of the files that may be one migration each. */
export function numberedNames({ names }: Listing, pattern: RegExp = NUMBERED): readonly string[] {
  return names.filter((name) => pattern.test(name) && !/\.(up|down)\.sql$/.test(name));
}

/** Whether any of them holds such a line. */
export function anyHas(listing: Listing, marker: RegExp): boolean {
  return numberedNames(listing).some((name) => {
    const read = listing.text(name);
    return !isBroken(read) && marker.test(read.sql);
  });
}

export function readNumbered(
  listing: Listing,
  rules: NameRules,
  { pattern = NUMBERED, cut }: NumberedFormat,
): SourceRead {
  const problems: string[] = [];
  const names = numberedNames(listing, pattern);
  const files = names.flatMap((name) => {
    const [, version, title] = pattern.exec(name)!;
    const file = listing.file(name, problems);
    const sections = file && cutOne(file, cut(file.sql), { name, problems });
    return sections ? [{ version: version!, name: title!, ...sections }] : [];
  });
  const repeatables = readRepeatables(listing, listing.names.filter(isRepeatable), problems);
  const others = listing.names.filter((name) => /\.sql$/i.test(name) && !names.includes(name) && !isRepeatable(name));
  return { ...ordered(files, rules, problems), repeatables, ignored: others };
}

/** Repeatable files; what is wrong with them goes to `problems`. */
export function readRepeatables(listing: Listing, names: readonly string[], problems: string[]): RepeatableFile[] {
  return names.flatMap((name) => {
    const file = listing.file(name, problems);
    return file ? [repeatableFile(name.split('/').at(-1)!, file)] : [];
  });
}

/** Migrations in order, with what is wrong with the series of them added to the problems of each. */
export function ordered(
  files: readonly MigrationFile[],
  { mirrors, numbers }: NameRules,
  found: readonly string[],
): Pick<SourceRead, 'files' | 'problems'> {
  const sorted = [...files].sort((a, b) => compareVersions(a.version, b.version));
  const irreversible = mirrors === 'optional' ? [] : sorted.filter(({ down }) => down === null);
  const versions = sorted.map(({ version }) => version);
  const series = numbers === 'any' || versions.some((version) => !/^\d+$/.test(version)) ? [] : gapsIn(versions);
  const nothing = files.length === 0 && found.length === 0 ? ['there is no migration'] : [];
  const problems = [...found, ...doubled(sorted), ...irreversible.map(withoutDown), ...series, ...nothing];
  return { files: sorted, problems };
}

function doubled(files: readonly MigrationFile[]): string[] {
  const groups = new Map<string, MigrationFile[]>();
  for (const file of files) {
    const key = versionKey(file.version);
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  const several = [...groups.values()].filter((group) => group.length > 1);
  return several.map((group) => `number ${group[0]!.version} is used by ${group.map(({ up }) => up.path).join(', ')}`);
}

function withoutDown({ up }: MigrationFile): string {
  return `${up.path} says no way back`;
}

function cutOne(file: SqlFile, cut: Cut, { name, problems }: { readonly name: string; readonly problems: string[] }) {
  if (cut.kind === 'cut') return cutFile(file, cut);
  problems.push(`${name} ${cut.why}`);
  return undefined;
}
