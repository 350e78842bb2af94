/**
 * ALTER TABLE: the lock is the strongest that one of its subcommands wants, and children that a subcommand reaches get the same
 * one. Source of the levels: AlterTableGetLockLevel in the server, and the trials of the test beside it.
 */
import type { AlterTableCmd, AlterTableStmt } from 'libpg-query';
import { compareLockModes, type LockMode } from '../../model/statement-effects.ts';
import { COLUMN_COMMANDS } from './alter-columns.ts';
import type { AlterCommand } from './alter-command.ts';
import { CONSTRAINT_COMMANDS } from './alter-constraints.ts';
import { PARTITION_COMMANDS } from './alter-partitions.ts';
import { STORAGE_COMMANDS } from './alter-storage.ts';
import { includesChildren } from './catalog-names.ts';
import type { EffectsDraft } from './effects-draft.ts';
import type { Handlers } from './handlers.ts';

export const ALTER_HANDLERS: Handlers = { AlterTableStmt: alterTable };

const COMMANDS: Readonly<Record<string, AlterCommand>> = {
  ...COLUMN_COMMANDS,
  ...CONSTRAINT_COMMANDS,
  ...PARTITION_COMMANDS,
  ...STORAGE_COMMANDS,
};

const UNKNOWN: AlterCommand = {
  lock: 'ACCESS EXCLUSIVE',
  reach: 'children',
  look: ({ command, draft }) => draft.opaque(`what ${command.subtype} does`),
};

function alterTable(node: AlterTableStmt, draft: EffectsDraft): void {
  if (node.objtype === 'OBJECT_INDEX') {
    alterIndex(node, draft);
    return;
  }
  if (node.objtype === 'OBJECT_SEQUENCE' || node.objtype === 'OBJECT_TYPE') {
    draft.say(`changes ${node.objtype === 'OBJECT_TYPE' ? 'type' : 'sequence'} ${draft.named(node.relation).name}`);
    return;
  }
  const table = draft.named(node.relation);
  if (node.missing_ok && !table.catalog && draft.view.source === 'target') {
    draft.say(`alters ${table.name}, which is not there`);
    return;
  }
  const commands = (node.cmds ?? []).flatMap((one) => ('AlterTableCmd' in one ? [one.AlterTableCmd] : []));
  const inTree = includesChildren(node.relation);
  const mode = strongest(commands, draft, table);
  draft.lock(table, mode);
  for (const command of commands) {
    const { reach, look } = COMMANDS[command.subtype ?? ''] ?? UNKNOWN;
    if (reach === 'children' && inTree) draft.lockTree(table, mode);
    if (reach === 'partitions' && table.catalog?.kind === 'partitioned table') draft.lockTree(table, mode);
    look?.({ command, table, draft, mode, inTree });
  }
}

function strongest(
  commands: readonly AlterTableCmd[],
  draft: EffectsDraft,
  table: ReturnType<EffectsDraft['named']>,
): LockMode {
  const modes = commands.map((command): LockMode => {
    const { lock } = COMMANDS[command.subtype ?? ''] ?? UNKNOWN;
    return typeof lock === 'string' ? lock : lock({ command, draft, table });
  });
  return modes.reduce((a, b) => (compareLockModes(a, b) >= 0 ? a : b), 'SHARE UPDATE EXCLUSIVE');
}

/** The index is locked, not its table; attaching an index locks it too, and nobody waits for that. */
function alterIndex(node: AlterTableStmt, draft: EffectsDraft): void {
  const { name } = draft.named(node.relation);
  draft.say(`alters index ${name}`);
}
