/**
 * Flyway's SQL files, in the directory and below it: versions of several numbers, undo files, repeatable ones, and sidecars
 * that ask for no transaction. A baseline file is taken only where the versions that it stands for are gone.
 */
import type { NameRules } from '../file-names.ts';
import type { MigrationFile } from '../files.ts';
import { isRepeatable, repeatableFile } from '../repeatable-files.ts';
import { isBroken, type SqlFile } from '../sql-file.ts';
import { compareVersions, versionKey } from '../version-order.ts';
import { type FlywayName, flywayName } from './flyway-names.ts';
import type { SourceFormat, SourceRead } from './format.ts';
import type { Listing } from './listing.ts';
import { ordered } from './numbered-files.ts';

export const flyway: SourceFormat = {
  name: 'flyway',
  layout: 'V1_2__name.sql, and U1_2__name.sql to take it back',
  recognises: (listing) => {
    // Flyway looks below, others do not: where .sql files lie in the directory itself, they say what it is.
    const inside = listing.names.filter((name) => /\.sql$/i.test(name));
    return (inside.length > 0 ? inside : sqlBelow(listing)).some((file) =>
      'VB'.includes(flywayName(file)?.kind ?? '-'),
    );
  },
  read: (listing, rules) => readFlyway(listing, rules),
};

function readFlyway(listing: Listing, rules: NameRules): SourceRead {
  const found: string[] = [];
  const read = (file: string) => readOne(listing, file, { found, placeholders: rules.placeholders });
  const files = sqlBelow(listing);
  const named = files.flatMap((file) => flywayName(file) ?? []);
  const ups = upsOf(named);
  const undoOf = new Map(ofKind(named, 'U').map((one) => [versionKey(one.version), one.file]));
  const migrations = ups.flatMap(({ file, version, name }): MigrationFile[] => {
    const up = read(file);
    const undo = undoOf.get(versionKey(version));
    return up ? [{ version, name, up, down: (undo === undefined ? undefined : read(undo)) ?? null }] : [];
  });
  const repeatable = files.filter((file) => isRepeatable(baseName(file)));
  const repeatables = repeatable.flatMap((file) => {
    const up = read(file);
    return up ? [repeatableFile(baseName(file), up)] : [];
  });
  const taken = new Set([...ups.map(({ file }) => file), ...undoOf.values(), ...repeatable]);
  return {
    ...ordered(migrations, rules, [...lonelyUndos(named, ups), ...found]),
    repeatables: repeatables.sort((a, b) => (a.version < b.version ? -1 : 1)),
    ignored: files.filter((file) => !taken.has(file)),
  };
}

function lonelyUndos(named: readonly FlywayName[], ups: readonly FlywayName[]): string[] {
  const known = new Set(ups.map(({ version }) => versionKey(version)));
  const lonely = ofKind(named, 'U').filter(({ version }) => !known.has(versionKey(version)));
  return lonely.map(({ file, version }) => `${file} has no V${version}__….sql beside it`);
}

function baseName(file: string): string {
  return file.split('/').at(-1)!;
}

/** The versions; below the newest baseline file none, unless they are still there. */
function upsOf(named: readonly FlywayName[]): readonly FlywayName[] {
  const versions = ofKind(named, 'V');
  const baseline = ofKind(named, 'B')
    .sort((a, b) => compareVersions(a.version, b.version))
    .at(-1);
  if (!baseline || versions.some(({ version }) => compareVersions(version, baseline.version) <= 0)) return versions;
  return [baseline, ...versions];
}

function ofKind(named: readonly FlywayName[], kind: FlywayName['kind']): FlywayName[] {
  return named.filter((one) => one.kind === kind);
}

interface Reading {
  readonly found: string[];
  readonly placeholders: NameRules['placeholders'] | undefined;
}

const PLACEHOLDER = /\$\{[^}\n]+\}/;

function readOne(listing: Listing, file: string, { found, placeholders }: Reading): SqlFile | undefined {
  const read = listing.file(file, found);
  if (!read) return undefined;
  const settings = settingsBeside(listing, file);
  const placeholder = PLACEHOLDER.exec(read.sql)?.[0];
  if (placeholder && !placeholders && settings.get('placeholderReplacement') !== 'false') {
    found.push(`${file} holds the placeholder ${placeholder}, and no value was given for it`);
  }
  return settings.get('executeInTransaction') === 'false' ? { ...read, transaction: 'none' } : read;
}

/** Of `V1__name.sql.conf`; empty where there is none. */
function settingsBeside(listing: Listing, file: string): ReadonlyMap<string, string> {
  if (!listing.nested().includes(`${file}.conf`)) return new Map();
  const read = listing.text(`${file}.conf`);
  const lines = isBroken(read) ? [] : [...read.sql.matchAll(/^[ \t]*(\w+)[ \t]*=[ \t]*(.*?)[ \t]*\r?$/gm)];
  return new Map(lines.map(([, name, value]) => [name!, value!]));
}

function sqlBelow(listing: Listing): readonly string[] {
  return listing.nested().filter((file) => /\.sql$/i.test(file));
}
