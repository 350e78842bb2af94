/** What a contender is: how it wants its files, and which command does each piece of work. It measures nothing. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Migration, MigrationSet } from './sets.ts';

/** `fresh`: all migrations on an empty database. `again`: nothing is left to do. `rollback`: the last one. */
export const SCENARIOS = ['fresh', 'again', 'status', 'rollback'] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** One process, run to its end. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Where a contender works: the database, and a directory that only it uses. */
export interface Ground {
  readonly url: string;
  readonly directory: string;
}

export interface Contender {
  readonly name: string;
  readonly kind: 'yardstick' | 'bare' | 'ours' | 'node peer' | 'peer';
  /** Writes the set into the directory. */
  layOut(set: MigrationSet, ground: Ground): void;
  /** Undefined where the tool has no such command. */
  command(scenario: Scenario, set: MigrationSet, ground: Ground): Command | undefined;
}

/** `0007`. */
export function padded({ number }: Pick<Migration, 'number'>): string {
  return String(number).padStart(4, '0');
}

/** A point in time per migration, as tools that want timestamps expect it: `20260101000007`. */
export function timestamped({ number }: Pick<Migration, 'number'>): string {
  return String(20260101000000 + number);
}

export function write(directory: string, name: string, text: string): void {
  writeFileSync(path.join(directory, name), text);
}

/** golang-migrate's pairs of files. */
export function writePairs(set: MigrationSet, directory: string): void {
  for (const migration of set.migrations) {
    write(directory, `${padded(migration)}_${migration.name}.up.sql`, migration.up);
    write(directory, `${padded(migration)}_${migration.name}.down.sql`, migration.down);
  }
}
