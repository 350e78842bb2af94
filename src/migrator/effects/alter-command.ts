/** One subcommand of ALTER TABLE: the lock that it wants, whom it reaches, and what else it does. */
import type { AlterTableCmd } from 'libpg-query';
import type { LockMode } from '../../model/statement-effects.ts';
import type { EffectsDraft, NamedTable } from './effects-draft.ts';

export interface CommandOn {
  readonly command: AlterTableCmd;
  readonly table: NamedTable;
  readonly draft: EffectsDraft;
}

export interface CommandAt extends CommandOn {
  /** The lock of the whole statement. */
  readonly mode: LockMode;
  /** False for `ALTER TABLE ONLY`. */
  readonly inTree: boolean;
}

export interface AlterCommand {
  readonly lock: LockMode | ((on: CommandOn) => LockMode);
  /** `children`: partitions and inheriting tables are locked as well. `partitions`: those of a partitioned table only. */
  readonly reach: 'table' | 'children' | 'partitions';
  readonly look?: (at: CommandAt) => void;
}

/** A subcommand that changes only the catalog. */
export function quiet(
  lock: LockMode,
  words: (command: AlterTableCmd, table: string) => string,
  reach: AlterCommand['reach'] = 'table',
): AlterCommand {
  return { lock, reach, look: ({ command, table, draft }) => draft.say(words(command, table.name)) };
}

/** Work on the rows of the table, and of its children where the statement reaches them. */
export function workOn({ draft, table, inTree }: CommandAt, work: 'scan' | 'index build' | 'rewrite'): void {
  if (inTree) draft.workTree(table, work);
  else draft.work(table, work);
}
