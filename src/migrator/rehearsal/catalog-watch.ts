/**
 * Looks at the whole catalog again and again, and reads anew only what has changed since the look before. Nobody else may change
 * the database meanwhile in a way that only a role's or another database's catalog shows.
 */
import pg from 'pg';
import { SETTLE_SQL } from '../drift/settled-session.ts';
import type { CatalogObject, Objects } from '../fingerprint.ts';
import { catalogRowsSql } from '../fingerprint-sql.ts';
import { ledgerName } from '../ledger-table.ts';
import { NAMED_OR_NAMING, type RelationStamp, relationStampsSql } from './relation-stamps.ts';
import { ALL_SCHEMAS } from './whole-catalog.ts';

type Row = CatalogObject & { readonly relation: string | null };

interface Statement {
  readonly name: string;
  readonly text: string;
}

export class CatalogWatch {
  readonly #client: pg.Client;
  readonly #stampsSql: Statement;
  readonly #someSql: Statement;
  readonly #allSql: Statement;
  #stamps: ReadonlyMap<string, string> = new Map();
  #relations = new Map<string, CatalogObject[]>();
  /** What is of no relation. */
  #others: readonly CatalogObject[] = [];

  /** On a session of its own or one that nobody uses meanwhile; it looks at nothing yet. */
  constructor(client: pg.Client, ledgerSchema: string) {
    const ledger = pg.escapeLiteral(ledgerName(ledgerSchema));
    const rows = (which: string) => catalogRowsSql(ALL_SCHEMAS, ledger, which);
    this.#client = client;
    this.#stampsSql = { name: 'drydock_stamps', text: relationStampsSql(ledgerSchema) };
    this.#someSql = { name: 'drydock_some', text: rows(NAMED_OR_NAMING) };
    this.#allSql = { name: 'drydock_all', text: rows('') };
  }

  /** Everything as it is now. The client must not be in a transaction. */
  look(): Promise<Objects> {
    return this.#inOneTransaction(async () => {
      const stamps = await this.#readStamps();
      const changed = [...stamps.keys()].filter((relation) => stamps.get(relation) !== this.#stamps.get(relation));
      const rows = await this.#rows(this.#someSql, [changed]);
      const others = rows.filter(({ relation }) => relation === null).map(objectOf);
      if (!isContained(this.#others, others)) return this.#takeAll(stamps);
      for (const relation of this.#stamps.keys()) if (!stamps.has(relation)) this.#relations.delete(relation);
      this.#keep(rows);
      this.#stamps = stamps;
      this.#others = others;
      return this.#objects();
    });
  }

  /** The same, everything read anew. */
  lookAtAll(): Promise<Objects> {
    return this.#inOneTransaction(async () => this.#takeAll(await this.#readStamps()));
  }

  async #takeAll(stamps: ReadonlyMap<string, string>): Promise<Objects> {
    const rows = await this.#rows(this.#allSql, []);
    this.#relations = new Map();
    this.#keep(rows);
    this.#stamps = stamps;
    this.#others = rows.filter(({ relation }) => relation === null).map(objectOf);
    return this.#objects();
  }

  #keep(rows: readonly Row[]): void {
    for (const { relation } of rows) if (relation !== null) this.#relations.set(relation, []);
    for (const row of rows) if (row.relation !== null) this.#relations.get(row.relation)!.push(objectOf(row));
  }

  #objects(): Objects {
    const objects = [...this.#relations.values(), this.#others].flat();
    return { objects: objects.sort((a, b) => compare(a.kind, b.kind) || compare(a.id, b.id)) };
  }

  async #readStamps(): Promise<Map<string, string>> {
    const { rows } = await this.#client.query<RelationStamp>(this.#stampsSql);
    return new Map(rows.map(({ relation, stamp }) => [relation, stamp]));
  }

  async #rows(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    return (await this.#client.query<Row>({ ...statement, values: [...values] })).rows;
  }

  async #inOneTransaction(work: () => Promise<Objects>): Promise<Objects> {
    // Planning these anew would take longer than running them.
    const begin = `begin transaction isolation level repeatable read, read only; ${SETTLE_SQL}; set local plan_cache_mode = force_generic_plan`;
    await this.#client.query(begin);
    try {
      return await work();
    } finally {
      await this.#client.query('commit');
    }
  }
}

/** Whether nothing went and nothing changed: what refers to these reads as before then. */
function isContained(before: readonly CatalogObject[], after: readonly CatalogObject[]): boolean {
  const now = new Map(after.map((object) => [`${object.kind} ${object.id}`, object.definition]));
  return before.every(({ kind, id, definition }) => now.get(`${kind} ${id}`) === definition);
}

function objectOf({ kind, id, definition }: Row): CatalogObject {
  return { kind, id, definition };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
