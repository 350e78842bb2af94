/** A rehearsal for a terminal: the verdict, where and on what it took place, a line per migration, then what did not fit. */
import { formatDuration } from '../../model/duration.ts';
import type { Observed, ObservedLock } from '../../model/observed.ts';
import type { LikeTarget, Rehearsal, RehearsedMigration, RehearsedPass, SchemaSource } from '../../model/rehearsal.ts';
import { blockedBy, LOCK_MODES, type LockMode } from '../../model/statement-effects.ts';
import { type Palette, PLAIN } from '../palette.ts';
import { oneLine, printable } from '../printable.ts';
import { problemLines } from '../problem-text.ts';
import { wrap } from '../wrap.ts';
import { placeText } from './rehearsal-event-text.ts';

/** Without a line break at its end. */
export function rehearsalText(rehearsal: Rehearsal, palette: Palette = PLAIN): string {
  const { migrations, differencesAtEnd, problems } = rehearsal;
  const width = Math.max(0, ...migrations.map((one) => nameOf(one).length));
  const paint = rehearsal.verdict === 'mirrors' ? palette.green : palette.red;
  return [
    `${paint(VERDICT_WORDS[rehearsal.verdict])}: ${verdictSentence(rehearsal)}`,
    '',
    ...rehearsalFacts(rehearsal).map(([name, value]) => `${name.padEnd(10)} ${printable(value)}`),
    '',
    ...migrations.flatMap((one) => migrationLines(one, { width, palette, madeHere: rehearsal.madeHere })),
    ...titled('up, down and up again is not the same as up:', differencesAtEnd.flatMap(indented)),
    ...titled(
      'what failed:',
      problems.flatMap((problem) => problemLines(problem, palette).map((line) => `  ${line}`)),
    ),
    ...titled('not made in the throw-away database:', lackingLines(rehearsal.schemaFrom)),
    ...titled('different from the target before the first migration:', likeLines(rehearsal.likeTarget)),
  ].join('\n');
}

export const VERDICT_WORDS = { mirrors: 'mirrors', 'does-not-mirror': 'does not mirror', failed: 'failed' } as const;

/** What the verdict is made of, as a sentence without a full stop. */
export function verdictSentence({ verdict, migrations, problems, differencesAtEnd }: Rehearsal): string {
  if (verdict === 'mirrors') return goodSentence(migrations);
  if (verdict === 'failed') return `${oneLine(problems[0]?.message ?? 'a stage failed')}`;
  const wrong = migrations.filter(({ mirrors }) => mirrors === 'no').map(nameOf);
  if (wrong.length > 0) return `the down file of ${wrong.join(', ')} does not bring back what was there before`;
  const without = migrations.filter(({ mirrors }) => mirrors === 'no down file').map(nameOf);
  if (without.length > 0) return `${without.join(', ')} has no down file, so nothing before it could be taken back`;
  return `going up a second time gave another schema (${differencesAtEnd.length} differences)`;
}

function goodSentence(migrations: readonly RehearsedMigration[]): string {
  const repeatable = migrations.filter(({ mirrors }) => mirrors === 'not needed').length;
  const numbered = migrations.length - repeatable;
  const count = (amount: number, noun: string) => `${amount} ${noun}${amount === 1 ? '' : 's'}`;
  return [
    ...(numbered > 0
      ? [`${count(numbered, 'migration')} went up, came down to what was there before, and went up again`]
      : []),
    ...(repeatable > 0 ? [`${count(repeatable, 'repeatable migration')} ran twice`] : []),
  ].join('; ');
}

/** Where, on what and how far it can be trusted. */
export function rehearsalFacts(rehearsal: Rehearsal): readonly (readonly [name: string, value: string])[] {
  const { target, targetServer, place, schemaFrom, likeTarget, notes, takenAt, takenBy, durationMs } = rehearsal;
  return [
    ['target', `${target}, PostgreSQL ${targetServer}`],
    ['rehearsed', `${placeText(place)}, ${sourceText(schemaFrom)}`],
    ['like it', likeText(likeTarget)],
    ['rows', 'none: how long it takes on tables with rows is not known from this'],
    ...notes.map((note) => ['note', note] as const),
    ['by', `${takenBy} at ${takenAt.slice(0, 19).replace('T', ' ')} UTC, in ${formatDuration(durationMs)}`],
  ];
}

function sourceText(source: SchemaSource): string {
  switch (source.kind) {
    case 'dump':
      return `from the target's own schema${source.owners === 'kept' ? '' : ', without its owners and privileges'}`;
    case 'files':
      return `from files, not from the target: objects made by hand are not in it (${source.why}${stubText(source.stub)})`;
    case 'empty':
      return `the whole set from an empty database${stubText(source.stub)}`;
  }
}

function stubText(stub: string | null): string {
  return stub === null ? '' : `, on the stub ${stub}`;
}

function likeText(like: LikeTarget): string {
  switch (like.kind) {
    case 'same':
      return 'yes: its fingerprint was that of the target';
    case 'differs':
      return `no: ${like.lines.length} ${like.lines.length === 1 ? 'object differs' : 'objects differ'} from the target, see below`;
    case 'not compared':
      return `not compared: ${like.why}`;
  }
}

interface Layout {
  readonly width: number;
  readonly palette: Palette;
  readonly madeHere: readonly string[];
}

/** `✓ 003_children   up 12 ms    down 8 ms   mirrors`, and what it locked and rewrote below. */
function migrationLines(migration: RehearsedMigration, { width, palette, madeHere }: Layout): string[] {
  const isRepeatable = migration.mirrors === 'not needed';
  const mark = isGood(migration) ? palette.green('✓') : palette.red('✗');
  const passes = [passText('up', migration.up), isRepeatable ? '' : passText('down', migration.down)];
  const times = passes.map((text) => text.padEnd(12));
  const seen = (['up', 'down'] as const).flatMap((direction) =>
    observedTexts(migration[direction]?.observed, madeHere).flatMap((text) =>
      wrap(text, { first: `    ${direction.padEnd(4)} `, rest: ' '.repeat(11) }),
    ),
  );
  return [
    `${mark} ${nameOf(migration).padEnd(width)}  ${times.join(' ')} ${mirrorWords(migration)}`.trimEnd(),
    ...seen,
    ...migration.differences.flatMap(indented),
  ];
}

const MIRROR_WORDS = {
  yes: 'mirrors',
  no: 'does not mirror',
  'no down file': 'has no down file',
  'not tried': 'not tried',
  'not needed': 'ran twice',
} as const;

/** How the way back went, or what a repeatable one had to stand instead. */
export function mirrorWords({ mirrors, up, upAgain }: RehearsedMigration): string {
  if (mirrors !== 'not needed' || upAgain?.outcome === 'done') return MIRROR_WORDS[mirrors];
  if (up?.outcome === 'failed') return 'cannot be run';
  return upAgain ? 'cannot be run again' : 'not run again';
}

export function isGood({ mirrors, upAgain }: RehearsedMigration): boolean {
  return mirrors === 'yes' || (mirrors === 'not needed' && upAgain?.outcome === 'done');
}

/** `up 12 ms`. */
export function passText(direction: 'up' | 'down', pass: RehearsedPass | null): string {
  if (!pass) return `${direction} –`;
  return pass.outcome === 'failed' ? `${direction} failed` : `${direction} ${formatDuration(pass.durationMs)}`;
}

/** What it did to tables that others may use, in words; locks that are in nobody's way are left out. */
export function observedTexts(observed: Observed | null | undefined, madeHere: readonly string[]): string[] {
  if (!observed) return [];
  const others = (name: string) => !madeHere.includes(name);
  const locks = observed.locks.filter(({ table, mode }) => others(table) && blockedBy(mode) !== 'nothing');
  const modes = LOCK_MODES.filter((mode) => locks.some((lock) => lock.mode === mode)).reverse();
  const rewritten = observed.rewritten.filter(others);
  const { alone } = observed;
  return [
    ...modes.map((mode) => `locks ${tablesIn(locks, mode).join(', ')}: ${mode}, blocks ${blockedBy(mode)}`),
    ...(rewritten.length > 0 ? [`writes anew ${rewritten.join(', ')}`] : []),
    ...(alone > 0
      ? [`${alone} ${alone === 1 ? 'statement' : 'statements'} outside a transaction, locks not measured`]
      : []),
  ];
}

function tablesIn(locks: readonly ObservedLock[], wanted: LockMode): string[] {
  return locks.filter(({ mode }) => mode === wanted).map(({ table }) => table);
}

const LINES_SHOWN = 20;

function lackingLines(source: SchemaSource): string[] {
  if (source.kind !== 'dump') return [];
  return short(source.lacking.map(({ what, why }) => `  ${printable(what)}: ${oneLine(why)}`));
}

function likeLines(like: LikeTarget): string[] {
  return like.kind === 'differs' ? short(like.lines).flatMap(indented) : [];
}

function short(lines: readonly string[]): string[] {
  const more = lines.length - LINES_SHOWN;
  return more > 0 ? [...lines.slice(0, LINES_SHOWN), `  and ${more} more`] : [...lines];
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function indented(text: string): string[] {
  return printable(text)
    .split('\n')
    .map((line) => `    ${line}`);
}

/** The version of a repeatable one is its whole name. */
export function nameOf({ version, name }: { readonly version: string; readonly name: string }): string {
  return version === `R__${name}` ? version : `${version}_${name}`;
}
