/** ALTER TABLE that puts tables together or apart: partitions and inheritance. */
import { type AlterCommand, type CommandAt, type CommandOn, quiet } from './alter-command.ts';
import type { NamedTable } from './effects-draft.ts';

const SUE = 'SHARE UPDATE EXCLUSIVE';
const AE = 'ACCESS EXCLUSIVE';

export const PARTITION_COMMANDS: Readonly<Record<string, AlterCommand>> = {
  AT_AttachPartition: { lock: SUE, reach: 'table', look: attach },
  AT_DetachPartition: { lock: (on) => (partitionOf(on)?.concurrent ? SUE : AE), reach: 'table', look: detach },
  AT_DetachPartitionFinalize: {
    lock: SUE,
    reach: 'table',
    look: (at) => {
      const child = childOf(at);
      at.draft.say(`finishes detaching ${child?.name} from ${at.table.name}`);
      if (child) at.draft.lock(child, AE, 'partition');
    },
  },
  AT_AddInherit: {
    lock: AE,
    reach: 'table',
    look: (at) => {
      const parent = inheritedBy(at);
      at.draft.say(`makes ${at.table.name} inherit from ${parent?.name}`);
      if (parent) at.draft.lock(parent, SUE, 'parent');
    },
  },
  AT_DropInherit: {
    lock: AE,
    reach: 'table',
    look: (at) => {
      const parent = inheritedBy(at);
      at.draft.say(`ends that ${at.table.name} inherits from ${parent?.name}`);
      if (parent) at.draft.lock(parent, 'ACCESS SHARE', 'parent');
    },
  },
  AT_GenericOptions: quiet(AE, (_, table) => `sets options of ${table}`),
};

function partitionOf({ command }: CommandOn) {
  return command.def && 'PartitionCmd' in command.def ? command.def.PartitionCmd : undefined;
}

function childOf(on: CommandOn): NamedTable | undefined {
  const partition = partitionOf(on);
  return partition && on.draft.named(partition.name);
}

function inheritedBy({ command, draft }: CommandOn): NamedTable | undefined {
  return command.def && 'RangeVar' in command.def ? draft.named(command.def.RangeVar) : undefined;
}

/** The rows of the new partition are checked, and those of the default one, which might belong to the new one. */
function attach(at: CommandAt): void {
  const { draft, table } = at;
  const child = childOf(at);
  draft.say(`attaches ${child?.name} to ${table.name}`);
  if (!child) return;
  draft.lockTree(child, AE);
  draft.workTree(child, table.catalog?.indexes.length ? 'index build' : 'scan');
  for (const key of table.catalog?.foreignKeys ?? []) {
    draft.lockTree(draft.known(key.references), 'SHARE ROW EXCLUSIVE', 'referenced by a foreign key');
    draft.workTree(draft.known(key.references), 'scan');
  }
  const fallback = table.catalog?.defaultPartition;
  if (!fallback) return;
  draft.lockTree(draft.known(fallback), AE, 'partition');
  draft.workTree(draft.known(fallback), 'scan');
}

function detach(at: CommandAt): void {
  const { draft, table, mode } = at;
  const child = childOf(at);
  draft.say(`detaches ${child?.name} from ${table.name}`);
  if (!child) return;
  draft.lock(child, AE);
  const fallback = table.catalog?.defaultPartition;
  if (fallback) draft.lock(draft.known(fallback), mode, 'partition');
  for (const key of table.catalog?.foreignKeys ?? []) {
    draft.lockTree(draft.known(key.references), 'SHARE ROW EXCLUSIVE', 'referenced by a foreign key');
  }
}
