/** Builds what a command works with from its flags and the environment, and closes what was opened for it. */
import { hostname, userInfo } from 'node:os';
import path from 'node:path';
import type { IsHolderAlive } from '../migrator/alone-at-work.ts';
import { lockPolicyOf } from '../migrator/lock-policy.ts';
import { type Migrator, type MigratorOptions, openMigrator } from '../migrator/migrator.ts';
import { eventText } from '../report/migrator/event-text.ts';
import type { Call, CommonFlags } from './command.ts';
import { chooseDatabase, type DatabaseChoice } from './database-choice.ts';
import type { Environment } from './environment.ts';
import { inDoubtFrom, type LockFlags, lockPolicyFrom } from './lock-flags.ts';
import type { MigrationSet } from './migration-set.ts';
import { printLine, standardOutput } from './output.ts';
import { paletteFor } from './palette.ts';

export interface CallOptions {
  readonly set: MigrationSet;
  readonly environment: Environment;
  /** The checkout. */
  readonly root: string;
  readonly flags: CommonFlags;
  readonly signal: AbortSignal;
  readonly isHolderAlive: IsHolderAlive | undefined;
}

export interface OpenCall extends Call {
  close(): Promise<void>;
  /** After an answer: nothing is under way any more, and there is nothing to wait for. */
  leave(): void;
}

export function openCall({ set, environment, root, flags, signal, isHolderAlive }: CallOptions): OpenCall {
  const opened: Migrator[] = [];
  let choice: Promise<DatabaseChoice> | undefined;
  const call: OpenCall = {
    set,
    environment,
    root,
    signal,
    isHolderAlive,
    get palette() {
      return paletteFor(standardOutput(), environment);
    },
    print: (line) => (flags.json ? void process.stderr.write(`${line}\n`) : printLine(line)),
    database: () => {
      choice ??= chooseDatabase(flags, { name: set.name, variable: set.databaseVariable, root, environment });
      return choice;
    },
    migratorOptions: async () => defaultsFor(call, flags, await call.database()),
    migrator: async (options) => {
      const migrator = openMigrator({ ...(await call.migratorOptions()), ...options });
      opened.push(migrator);
      return migrator;
    },
    close: async () => {
      for (const migrator of opened) await migrator.close();
    },
    leave: () => {
      for (const migrator of opened) migrator.leave();
    },
  };
  return call;
}

function defaultsFor(call: Call, flags: CommonFlags, { url, target }: DatabaseChoice): MigratorOptions {
  const { directory, root, schemas, ledgerSchema, mirrors, numbers, format, placeholders, placeholdersIn } = call.set;
  return {
    url,
    directory,
    root,
    schemas,
    ledgerSchema,
    mirrors,
    numbers,
    format,
    ...(placeholders ? { placeholders } : {}),
    ...(placeholdersIn ? { placeholdersIn } : {}),
    owner: { appliedBy: `${call.environment.user ?? userInfo().username}@${hostname()}`, runId: null },
    claim: { kind: 'standalone', ...(call.isHolderAlive ? { isHolderAlive: call.isHolderAlive } : {}) },
    // A target's directory counts from the checkout that names it.
    ...(target ? { saveDirectory: path.resolve(call.root, target.saveDirectory) } : {}),
    lockPolicy: { ...lockPolicyOf(target?.locks), ...lockPolicyFrom(flags as LockFlags) },
    ...inDoubtFrom(flags as LockFlags),
    onEvent: (event) => call.print(eventText(event)),
    signal: call.signal,
  };
}
