/** Builds what a command works with from its flags and the environment, and closes what was opened for it. */
import { hostname, userInfo } from 'node:os';
import type { IsHolderAlive } from '../migrator/alone-at-work.ts';
import { type Migrator, type MigratorOptions, openMigrator } from '../migrator/migrator.ts';
import { eventText } from '../report/migrator/event-text.ts';
import type { LoadedRunbook } from '../runbook/load.ts';
import type { Call, CommonFlags } from './command.ts';
import { chooseDatabase, type DatabaseChoice } from './database-choice.ts';
import type { Environment } from './environment.ts';
import { paletteFor } from './palette.ts';

export interface CallOptions {
  readonly runbook: LoadedRunbook;
  readonly environment: Environment;
  /** The checkout. */
  readonly root: string;
  readonly flags: CommonFlags;
  readonly signal: AbortSignal;
  readonly isHolderAlive: IsHolderAlive | undefined;
}

export interface OpenCall extends Call {
  close(): Promise<void>;
}

export function openCall({ runbook, environment, root, flags, signal, isHolderAlive }: CallOptions): OpenCall {
  const progress = flags.json ? process.stderr : process.stdout;
  const opened: Migrator[] = [];
  let choice: Promise<DatabaseChoice> | undefined;
  const call: OpenCall = {
    runbook,
    environment,
    signal,
    isHolderAlive,
    palette: paletteFor(process.stdout, environment),
    print: (line) => void progress.write(`${line}\n`),
    database: () => {
      choice ??= chooseDatabase(flags, { runbook: runbook.definition.name, root, environment });
      return choice;
    },
    migrator: async (options) => {
      const migrator = openMigrator({ ...defaultsFor(call, root, await call.database()), ...options });
      opened.push(migrator);
      return migrator;
    },
    close: async () => {
      for (const migrator of opened) await migrator.close();
    },
  };
  return call;
}

function defaultsFor(call: Call, root: string, { url, target }: DatabaseChoice): MigratorOptions {
  const { schemas, ledgerSchema, migrations } = call.runbook.definition;
  return {
    url,
    directory: migrations.directory,
    root,
    schemas,
    ledgerSchema,
    owner: { appliedBy: `${call.environment.user ?? userInfo().username}@${hostname()}`, runId: null },
    claim: { kind: 'standalone', ...(call.isHolderAlive ? { isHolderAlive: call.isHolderAlive } : {}) },
    ...(target ? { saveDirectory: target.saveDirectory } : {}),
    onEvent: (event) => call.print(eventText(event)),
    signal: call.signal,
  };
}
