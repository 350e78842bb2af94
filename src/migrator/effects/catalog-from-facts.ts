/** The catalog's view from what the target answered. Pure. */

import type { CatalogFacts, ConstraintFact, TableFact } from './catalog-facts.ts';
import { quoteName, writtenName } from './catalog-names.ts';
import { viewOf } from './catalog-state.ts';
import type {
  CatalogConstraint,
  CatalogForeignKey,
  CatalogFunction,
  CatalogTable,
  CatalogType,
  CatalogView,
  ForeignKeyAction,
  Volatility,
} from './catalog-view.ts';
import { LayeredMap } from './layered-map.ts';

export function catalogViewOf(facts: CatalogFacts): CatalogView {
  const byOid = new Map(facts.tables.map((table) => [table.oid, table]));
  const around = neighboursOf(facts);
  const tables = new Map(facts.tables.map((fact) => tableOf(fact, byOid, around)).map((table) => [table.name, table]));
  return viewOf({
    serverVersion: facts.serverVersion,
    source: 'target',
    searchPath: facts.searchPath,
    tables: LayeredMap.of(tables),
    functions: LayeredMap.of(functionsOf(facts)),
    types: LayeredMap.of(typesOf(facts)),
  });
}

type ByOid = ReadonlyMap<number, TableFact>;

const KINDS: Readonly<Record<TableFact['kind'], CatalogTable['kind']>> = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
};

/** By the oid of a table: those with a foreign key to it, and the views on it. */
interface Neighbours {
  readonly referencedBy: ReadonlyMap<number, readonly TableFact[]>;
  readonly readBy: ReadonlyMap<number, readonly TableFact[]>;
}

function neighboursOf({ tables }: CatalogFacts): Neighbours {
  const referencedBy = new Map<number, TableFact[]>();
  const readBy = new Map<number, TableFact[]>();
  const add = (to: Map<number, TableFact[]>, oids: Iterable<number>, table: TableFact) => {
    for (const oid of new Set(oids)) to.set(oid, [...(to.get(oid) ?? []), table]);
  };
  for (const table of tables) {
    const referenced = table.constraints.flatMap(({ references }) => references ?? []);
    add(referencedBy, referenced, table);
    add(readBy, table.reads, table);
  }
  return { referencedBy, readBy };
}

function tableOf(fact: TableFact, byOid: ByOid, { referencedBy, readBy }: Neighbours): CatalogTable {
  const descendants = below(fact, byOid);
  const holders = fact.kind === 'p' ? descendants.filter(({ kind }) => kind !== 'p') : [fact];
  const known = holders.every(({ rows }) => rows >= 0);
  const names = (oids: readonly number[]) => oids.flatMap((oid) => byOid.get(oid) ?? []).map(writtenName);
  return {
    name: writtenName(fact),
    kind: KINDS[fact.kind],
    origin: 'target',
    rows: known ? holders.reduce((sum, { rows }) => sum + rows, 0) : null,
    bytes: holders.reduce((sum, { bytes }) => sum + bytes, 0),
    columns: fact.columns.map(({ name, type, notNull }) => ({ name, type, notNull })),
    foreignKeys: fact.constraints.flatMap((one) => foreignKeyOf(one, fact, byOid)),
    indexes: fact.indexes.map((index) => ({
      ...index,
      columns: index.columns.map((number) => columnName(fact, number)),
    })),
    constraints: fact.constraints.map(constraintOf),
    partitions: descendants.map(writtenName),
    parent: names(fact.parent === null ? [] : [fact.parent])[0] ?? null,
    referencedBy: (referencedBy.get(fact.oid) ?? []).map(writtenName),
    defaultPartition: names(fact.children.filter((oid) => byOid.get(oid)?.isDefault))[0] ?? null,
    reads: names(fact.reads),
    readBy: (readBy.get(fact.oid) ?? []).map(writtenName),
    triggers: fact.triggers,
    statistics: fact.statistics,
  };
}

/** Partitions and children of all levels. */
function below({ children }: TableFact, byOid: ByOid): TableFact[] {
  return children.flatMap((oid) => byOid.get(oid) ?? []).flatMap((child) => [child, ...below(child, byOid)]);
}

function columnName({ columns }: TableFact, number: number | null): string | null {
  return columns.find((column) => column.number === number)?.name ?? null;
}

const CONSTRAINTS: Readonly<Record<ConstraintFact['kind'], CatalogConstraint['kind']>> = {
  c: 'check',
  p: 'primary key',
  u: 'unique',
  f: 'foreign key',
  x: 'exclude',
  n: 'not null',
};

function constraintOf({ name, kind, definition, validated }: ConstraintFact): CatalogConstraint {
  return { name, kind: CONSTRAINTS[kind], definition, validated };
}

const ACTIONS: Readonly<Record<string, ForeignKeyAction>> = { n: 'change rows', d: 'change rows' };

function foreignKeyOf(fact: ConstraintFact, table: TableFact, byOid: ByOid): CatalogForeignKey[] {
  const referenced = fact.references === null ? undefined : byOid.get(fact.references);
  if (fact.kind !== 'f' || !referenced) return [];
  const named = (of: TableFact, numbers: readonly number[] | null) =>
    (numbers ?? []).flatMap((one) => columnName(of, one) ?? []);
  return [
    {
      name: fact.name,
      columns: named(table, fact.columns),
      references: writtenName(referenced),
      referencedColumns: named(referenced, fact.referenced),
      inherited: fact.inherited,
      onDelete: fact.onDelete === 'c' ? 'delete rows' : (ACTIONS[fact.onDelete] ?? 'check'),
      onUpdate: fact.onUpdate === 'c' ? 'change rows' : (ACTIONS[fact.onUpdate] ?? 'check'),
    },
  ];
}

const VOLATILITY: Readonly<Record<'i' | 's' | 'v', Volatility>> = { i: 'immutable', s: 'stable', v: 'volatile' };
const WORST = ['immutable', 'stable', 'volatile'];

/** By name and by schema and name; of several with one name the worst counts. */
function functionsOf({ functions }: CatalogFacts): Map<string, CatalogFunction> {
  const found = new Map<string, CatalogFunction>();
  for (const { schema, name, volatility, kind } of functions) {
    const made: CatalogFunction = {
      volatility: VOLATILITY[volatility],
      // An aggregate calls what its transition does, which writes nothing.
      madeBy: schema === 'pg_catalog' || kind === 'a' || kind === 'w' ? 'server' : 'user',
    };
    for (const key of [name, `${quoteName(schema)}.${quoteName(name)}`]) {
      const before = found.get(key);
      const worse = !before || WORST.indexOf(made.volatility) > WORST.indexOf(before.volatility);
      if (worse) found.set(key, made);
    }
  }
  return found;
}

function typesOf({ types }: CatalogFacts): Map<string, CatalogType> {
  return new Map(
    types.map(({ schema, name, kind, baseType, constrained }): [string, CatalogType] => {
      const written = writtenName({ schema, name });
      return [written, { name: written, kind: kind === 'd' ? 'domain' : 'enum', constrained, baseType }];
    }),
  );
}
