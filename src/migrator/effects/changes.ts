/** Which statements change what is known of the catalog; every other one leaves it as it is. */
import type { Node, VariableSetStmt } from 'libpg-query';
import type { CatalogDraft } from './catalog-draft.ts';
import { nameFromNode, nameFromParts, nameOf, nameParts } from './catalog-names.ts';
import { changeByAlter } from './change-by-alter.ts';
import { changeByCreate, changeByCreateAs, changeByIndex, changeByView } from './change-by-create.ts';
import { changeByDrop } from './change-by-drop.ts';
import { changeByRename, changeBySchema } from './change-by-rename.ts';
import type { NodeKind, NodeOf } from './handlers.ts';
import { typeText } from './type-names.ts';

type Changes = { readonly [Kind in NodeKind]?: (node: NodeOf<Kind>, draft: CatalogDraft) => void };

const CHANGES: Changes = {
  CreateStmt: changeByCreate,
  CreateForeignTableStmt: (node, draft) => {
    if (node.base) changeByCreate(node.base, draft);
  },
  CreateTableAsStmt: changeByCreateAs,
  ViewStmt: changeByView,
  IndexStmt: changeByIndex,
  AlterTableStmt: changeByAlter,
  DropStmt: changeByDrop,
  RenameStmt: changeByRename,
  AlterObjectSchemaStmt: changeBySchema,
  CreateTrigStmt: (node, draft) => {
    const table = draft.table(nameOf(node.relation));
    if (table) draft.change(table.name, { triggers: [...new Set([...table.triggers, node.trigname ?? ''])] });
  },
  CreateFunctionStmt: (node, draft) => {
    const word = (node.options ?? []).flatMap((one) =>
      'DefElem' in one && one.DefElem.defname === 'volatility' && one.DefElem.arg && 'String' in one.DefElem.arg
        ? [one.DefElem.arg.String.sval]
        : [],
    )[0];
    const volatility = word === 'immutable' || word === 'stable' ? word : 'volatile';
    draft.putFunction(nameFromParts(nameParts(node.funcname)), { volatility, madeBy: 'user' });
  },
  CreateDomainStmt: (node, draft) => {
    const kinds = (node.constraints ?? []).flatMap((one) => ('Constraint' in one ? [one.Constraint.contype] : []));
    const constrained = kinds.includes('CONSTR_CHECK') || kinds.includes('CONSTR_NOTNULL');
    const baseType = typeText(node.typeName);
    draft.putType(nameFromParts(nameParts(node.domainname)), { kind: 'domain', constrained, baseType });
  },
  AlterDomainStmt: (node, draft) => {
    const name = nameFromParts(nameParts(node.typeName));
    const known = draft.type(name);
    if (known && (node.subtype === 'C' || node.subtype === 'O'))
      draft.putType(nameFromNodeOf(known.name), { ...known, constrained: true });
  },
  CreateEnumStmt: (node, draft) =>
    draft.putType(nameFromParts(nameParts(node.typeName)), { kind: 'enum', constrained: false, baseType: null }),
  VariableSetStmt: setSearchPath,
  SelectStmt: (node, draft) => {
    for (const target of node.targetList ?? []) {
      const value = 'ResTarget' in target ? target.ResTarget.val : undefined;
      if (value && 'FuncCall' in value) setConfig(value.FuncCall, draft);
    }
  },
};

export function handleChange(node: Node, draft: CatalogDraft): void {
  const [kind, content] = Object.entries(node)[0] ?? [];
  const change = CHANGES[kind as NodeKind] as ((content: unknown, draft: CatalogDraft) => void) | undefined;
  change?.(content, draft);
}

function nameFromNodeOf(written: string) {
  return nameFromNode({ List: { items: written.split('.').map((sval) => ({ String: { sval } })) } });
}

function setSearchPath({ name, kind, args }: VariableSetStmt, draft: CatalogDraft): void {
  if (name !== 'search_path' || kind !== 'VAR_SET_VALUE') return;
  draft.searchPath = (args ?? [])
    .flatMap((one) => constantOf(one) ?? [])
    .filter((schema) => schema !== '' && schema !== '$user');
}

/** `set_config('search_path', '', false)`, as dumps have it. */
function setConfig({ funcname, args }: NodeOf<'FuncCall'>, draft: CatalogDraft): void {
  const [name, value] = (args ?? []).map(constantOf);
  if (nameParts(funcname).at(-1) !== 'set_config' || name !== 'search_path' || value === undefined) return;
  draft.searchPath = value
    .split(',')
    .map((schema) => schema.trim().replace(/^"|"$/g, ''))
    .filter((schema) => schema !== '' && schema !== '$user');
}

function constantOf(node: Node): string | undefined {
  return 'A_Const' in node ? (node.A_Const.sval?.sval ?? (node.A_Const.sval ? '' : undefined)) : undefined;
}
