/**
 * The one list of the migrator's commands, in the order in which help shows them. Each is loaded when it is called, so that
 * starting one does not pay for the others.
 */
import type { CommandSpec } from './command.ts';

// biome-ignore lint/suspicious/noExplicitAny: each command has switches of its own, which the frame does not know.
type AnySpec = CommandSpec<any>;

const COMMANDS: Readonly<Record<string, () => Promise<AnySpec>>> = {
  status: async () => (await import('./commands/status.ts')).statusCommand,
  migrate: async () => (await import('./commands/migrate.ts')).migrateCommand,
  rollback: async () => (await import('./commands/rollback.ts')).rollbackCommand,
  to: async () => (await import('./commands/to.ts')).toCommand,
  redo: async () => (await import('./commands/redo.ts')).redoCommand,
  new: async () => (await import('./commands/new.ts')).newCommand,
  reset: async () => (await import('./commands/reset.ts')).resetCommand,
  lint: async () => (await import('./commands/lint.ts')).lintCommand,
  rehearse: async () => (await import('./commands/rehearse.ts')).rehearseCommand,
  fingerprint: async () => (await import('./commands/fingerprint.ts')).fingerprintCommand,
  diff: async () => (await import('./commands/diff.ts')).diffCommand,
  import: async () => (await import('./commands/import.ts')).importCommand,
  baseline: async () => (await import('./commands/baseline.ts')).baselineCommand,
  repair: async () => (await import('./commands/repair.ts')).repairCommand,
  verify: async () => (await import('./commands/verify.ts')).verifyCommand,
  check: async () => (await import('./commands/check.ts')).checkCommand,
  backup: async () => (await import('./commands/backup.ts')).backupCommand,
  release: async () => (await import('./commands/release.ts')).releaseCommand,
  'release-claim': async () => (await import('./commands/release-claim.ts')).releaseClaimCommand,
};

/** `plan` is of a run, where no database is named. */
const ON_DATABASE = /^--(?:dir|schema|ledger-schema|runbook|url|target)(?:=|$)/;

export function isPlanOnDatabase([name, ...args]: readonly string[]): boolean {
  return name === 'plan' && args.some((arg) => ON_DATABASE.test(arg));
}

export async function loadPlanOnDatabase(): Promise<AnySpec> {
  return (await import('./commands/plan-on-database.ts')).planOnDatabaseCommand;
}

export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS);

/** The command of this name; undefined where there is none. */
export async function loadCommand(name: string): Promise<CommandSpec | undefined> {
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name]!() : undefined;
}

/** All of them, in order: for help. */
export function loadCommands(): Promise<readonly CommandSpec[]> {
  return Promise.all(Object.values(COMMANDS).map((load) => load()));
}
