/** Statements that lock no table: they make or change functions, types, sequences, roles, schemas and settings. */
import type { AlterDomainStmt, DefineStmt, Node } from 'libpg-query';
import {
  nameFromNode,
  nameFromParts,
  nameOf,
  nameParts,
  partsOfNode,
  quoteName,
  splitName,
  writtenName,
} from './catalog-names.ts';
import type { EffectsDraft } from './effects-draft.ts';
import type { Handlers } from './handlers.ts';
import { lookUp } from './query-walk.ts';

const says =
  (words: string) =>
  (_node: unknown, draft: EffectsDraft): void =>
    draft.say(words);

const dotted = (names: readonly Node[] | undefined): string => writtenName(nameFromParts(nameParts(names)));

export const QUIET_HANDLERS: Handlers = {
  CreateFunctionStmt: (node, draft) => {
    draft.say(
      `${node.replace ? 'creates or replaces' : 'creates'} ${node.is_procedure ? 'procedure' : 'function'} ${dotted(node.funcname)}`,
    );
    // A body in BEGIN ATOMIC or RETURN is looked up when it is made.
    lookUp(node.sql_body, draft);
  },
  AlterFunctionStmt: (node, draft) => draft.say(`changes function ${dotted(node.func?.objname)}`),
  CreateEnumStmt: (node, draft) => draft.say(`creates type ${dotted(node.typeName)}`),
  CompositeTypeStmt: (node, draft) => draft.say(`creates type ${writtenName(nameOf(node.typevar))}`),
  CreateRangeStmt: (node, draft) => draft.say(`creates type ${dotted(node.typeName)}`),
  AlterDomainStmt: alterDomain,
  CreateDomainStmt: (node, draft) => draft.say(`creates domain ${dotted(node.domainname)}`),
  DefineStmt: (node, draft) => draft.say(defined(node)),
  AlterEnumStmt: (node, draft) => {
    const name = dotted(node.typeName);
    if (node.oldVal !== undefined) {
      draft.say(`renames value ${node.oldVal} of type ${name}`);
      return;
    }
    draft.say(`adds value ${node.newVal} to type ${name}`);
    // No statement takes a value out of an enum again.
    draft.undo('no');
  },
  CreateSeqStmt: (node, draft) => {
    draft.say(`creates sequence ${writtenName(nameOf(node.sequence))}`);
    lockOwner(node.options, draft);
  },
  AlterSeqStmt: (node, draft) => {
    draft.say(`changes sequence ${writtenName(nameOf(node.sequence))}`);
    lockOwner(node.options, draft);
  },
  CreateSchemaStmt: (node, draft) => {
    draft.say(`creates schema ${quoteName(node.schemaname ?? '')}`);
    if (node.schemaElts?.length) draft.opaque('what CREATE SCHEMA makes in it');
  },
  CreateExtensionStmt: (node, draft) => {
    draft.say(`creates extension ${quoteName(node.extname ?? '')}`);
    draft.opaque(`the script of extension ${node.extname}`);
  },
  AlterExtensionStmt: (node, draft) => {
    draft.say(`updates extension ${quoteName(node.extname ?? '')}`);
    draft.opaque(`the script of extension ${node.extname}`);
    draft.undo('no');
  },
  CreateCastStmt: says('creates a cast'),
  CreateConversionStmt: says('creates a conversion'),
  CreateOpClassStmt: says('creates an operator class'),
  CreateOpFamilyStmt: says('creates an operator family'),
  AlterOpFamilyStmt: says('changes an operator family'),
  AlterOperatorStmt: says('changes an operator'),
  AlterTypeStmt: says('changes a type'),
  CreatePLangStmt: says('creates a language'),
  CreateTransformStmt: says('creates a transform'),
  CreateAmStmt: says('creates an access method'),
  AlterCollationStmt: says('changes a collation'),
  CreateRoleStmt: (node, draft) => draft.say(`creates role ${quoteName(node.role ?? '')}`),
  AlterRoleStmt: says('changes a role'),
  AlterRoleSetStmt: says('changes settings of a role'),
  DropRoleStmt: says('drops a role'),
  GrantRoleStmt: (node, draft) => draft.say(node.is_grant ? 'grants a role' : 'revokes a role'),
  AlterDefaultPrivilegesStmt: says('changes default privileges'),
  CreateFdwStmt: says('creates a foreign data wrapper'),
  AlterFdwStmt: says('changes a foreign data wrapper'),
  CreateForeignServerStmt: says('creates a foreign server'),
  AlterForeignServerStmt: says('changes a foreign server'),
  CreateUserMappingStmt: says('creates a user mapping'),
  AlterUserMappingStmt: says('changes a user mapping'),
  DropUserMappingStmt: says('drops a user mapping'),
  CreateEventTrigStmt: says('creates an event trigger'),
  AlterEventTrigStmt: says('changes an event trigger'),
  AlterTSDictionaryStmt: says('changes a text search dictionary'),
  AlterTSConfigurationStmt: says('changes a text search configuration'),
  AlterStatsStmt: says('changes extended statistics'),
  VariableSetStmt: (node, draft) => draft.say(`sets ${node.name}`),
  VariableShowStmt: says('shows a setting'),
  ConstraintsSetStmt: says('sets when constraints are checked'),
  DiscardStmt: says('discards what the session holds'),
  NotifyStmt: says('notifies listeners'),
  ListenStmt: says('listens'),
  UnlistenStmt: says('stops listening'),
  CheckPointStmt: says('makes a checkpoint'),
  CreatedbStmt: (node, draft) => draft.say(`creates database ${quoteName(node.dbname ?? '')}`),
  DropdbStmt: (node, draft) => {
    draft.say(`drops database ${quoteName(node.dbname ?? '')}`);
    draft.undo('no');
  },
  AlterDatabaseStmt: says('changes a database'),
  AlterDatabaseSetStmt: says('changes settings of a database'),
  AlterSystemStmt: says('changes a setting of the server'),
  CreateTableSpaceStmt: says('creates a tablespace'),
  DropTableSpaceStmt: says('drops a tablespace'),
  CreateSubscriptionStmt: says('creates a subscription'),
  AlterSubscriptionStmt: says('changes a subscription'),
  DropSubscriptionStmt: says('drops a subscription'),
  CallStmt: (node, draft) => {
    const name = nameParts(node.funccall?.funcname).join('.');
    draft.say(`calls ${name}`);
    draft.opaque(`what ${name}() does`);
  },
  ExplainStmt: says('explains a query'),
  TransactionStmt: says('controls the transaction'),
};

/** A constraint that is new to a domain is checked in every table with a column of it. */
function alterDomain(node: AlterDomainStmt, draft: EffectsDraft): void {
  const written = nameFromParts(nameParts(node.typeName));
  const name = draft.view.type(written)?.name ?? writtenName(written);
  draft.say(`changes domain ${name}`);
  const unchecked = node.def && 'Constraint' in node.def && node.def.Constraint.skip_validation;
  const checks = ['C', 'O', 'V'].includes(node.subtype ?? '') && !unchecked;
  if (!checks) return;
  for (const table of draft.view.state.tables.values()) {
    const holds =
      table.kind === 'table' && table.columns.some(({ type }) => type === name || type === splitName(name).name);
    if (!holds) continue;
    draft.lock(draft.known(table.name), 'SHARE', 'cascade');
    draft.work(draft.known(table.name), 'scan');
  }
  if (draft.view.source === 'files') draft.opaque(`tables with columns of ${name}`);
}

/** OWNED BY looks the table up. */
function lockOwner(options: readonly Node[] | undefined, draft: EffectsDraft): void {
  for (const one of options ?? []) {
    if (!('DefElem' in one) || one.DefElem.defname !== 'owned_by') continue;
    const parts = partsOfNode(one.DefElem.arg);
    if (parts.length > 1) draft.lock(draft.byName(nameFromParts(parts.slice(0, -1))), 'ACCESS SHARE');
  }
}

function defined({ kind, defnames }: DefineStmt): string {
  return `creates ${(kind ?? 'object').replace('OBJECT_', '').replaceAll('_', ' ').toLowerCase()} ${writtenName(nameFromNode({ List: { items: [...(defnames ?? [])] } }))}`;
}
