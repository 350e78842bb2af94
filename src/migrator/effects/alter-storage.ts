/** ALTER TABLE on how and where a table is kept, who owns it, and which of its triggers, rules and policies are in force. */
import type { AlterTableCmd } from 'libpg-query';
import { type AlterCommand, type CommandAt, type CommandOn, quiet, workOn } from './alter-command.ts';
import { quoteName } from './catalog-names.ts';

const AE = 'ACCESS EXCLUSIVE';
const SUE = 'SHARE UPDATE EXCLUSIVE';

const rewrites = (words: (command: AlterTableCmd, table: string) => string): AlterCommand => ({
  lock: AE,
  reach: 'table',
  look: (at: CommandAt) => {
    at.draft.say(words(at.command, at.table.name));
    // A partitioned table has nothing to be written: only new partitions are made so.
    if (at.table.catalog?.kind !== 'partitioned table') workOn({ ...at, inTree: false }, 'rewrite');
  },
});

const trigger = (words: string): AlterCommand =>
  quiet(
    'SHARE ROW EXCLUSIVE',
    ({ name }, table) => `${words} ${name ? `trigger ${quoteName(name)}` : 'triggers'} of ${table}`,
    'partitions',
  );
const rule = (words: string): AlterCommand => quiet(AE, ({ name }, table) => `${words} rule ${name} of ${table}`);
const security = (words: string): AlterCommand => quiet(AE, (_, table) => `${words} row level security of ${table}`);

export const STORAGE_COMMANDS: Readonly<Record<string, AlterCommand>> = {
  AT_SetLogged: rewrites((_, table) => `makes ${table} logged`),
  AT_SetUnLogged: rewrites((_, table) => `makes ${table} unlogged`),
  AT_SetTableSpace: rewrites(({ name }, table) => `moves ${table} to tablespace ${name}`),
  AT_SetAccessMethod: rewrites(({ name }, table) => `stores ${table} by access method ${name ?? 'default'}`),
  AT_SetRelOptions: { lock: optionsLock, reach: 'table', look: sayOptions },
  AT_ResetRelOptions: { lock: optionsLock, reach: 'table', look: sayOptions },
  AT_ReplaceRelOptions: quiet(AE, (_, table) => `sets options of ${table}`),
  AT_ClusterOn: quiet(SUE, ({ name }, table) => `marks ${name} as the order of ${table}`),
  AT_DropCluster: quiet(SUE, (_, table) => `removes the mark of an order from ${table}`),
  AT_DropOids: quiet(AE, (_, table) => `has ${table} without oids`),
  AT_ChangeOwner: quiet(AE, (_, table) => `changes the owner of ${table}`),
  AT_ReplicaIdentity: quiet(AE, (_, table) => `changes what replication knows rows of ${table} by`),
  AT_EnableTrig: trigger('enables'),
  AT_EnableAlwaysTrig: trigger('enables'),
  AT_EnableReplicaTrig: trigger('enables'),
  AT_EnableTrigAll: trigger('enables'),
  AT_EnableTrigUser: trigger('enables'),
  AT_DisableTrig: trigger('disables'),
  AT_DisableTrigAll: trigger('disables'),
  AT_DisableTrigUser: trigger('disables'),
  AT_EnableRule: rule('enables'),
  AT_EnableAlwaysRule: rule('enables'),
  AT_EnableReplicaRule: rule('enables'),
  AT_DisableRule: rule('disables'),
  AT_EnableRowSecurity: security('enables'),
  AT_DisableRowSecurity: security('disables'),
  AT_ForceRowSecurity: security('forces'),
  AT_NoForceRowSecurity: security('no longer forces'),
};

/** Options that change what a query means, and not only how it is carried out. */
const STRONG_OPTIONS = ['user_catalog_table', 'security_barrier', 'check_option', 'security_invoker'];

function optionsLock({ command }: CommandOn): typeof AE | typeof SUE {
  return optionNames(command).some((name) => STRONG_OPTIONS.includes(name)) ? AE : SUE;
}

function sayOptions({ command, table, draft }: CommandAt): void {
  const verb = command.subtype === 'AT_SetRelOptions' ? 'sets' : 'resets';
  draft.say(`${verb} ${optionNames(command).join(', ')} of ${table.name}`);
}

function optionNames({ def }: AlterTableCmd): string[] {
  const items = def && 'List' in def ? (def.List.items ?? []) : [];
  return items.flatMap((one) => ('DefElem' in one ? [one.DefElem.defname ?? ''] : []));
}
