/**
 * Writes and takes back the rows of a seed, each in one transaction. What was inserted is journaled in that transaction, so
 * that an undo finds exactly those rows, also when nobody lived to report them. It knows no table by name.
 */
import type pg from 'pg';
import { ProblemError } from '../model/problem.ts';
import { fieldOf } from '../postgres/sqlstate.ts';
import { quoteTable } from './quote-table.ts';
import { ensureJournal, forgetVanished, journalExists, journalInsert, takeFromJournal } from './seed-journal.ts';
import { inTransaction } from './transaction.ts';

/** One row: the `INSERT … ON CONFLICT … DO NOTHING RETURNING id` that makes it, and its parameters. */
export interface SeedRow {
  readonly insert: string;
  readonly values: readonly unknown[];
}

/** Something that has to be in the database before a seed can be applied. */
export interface SeedRequirement {
  /** As the end of "the database has no …": `table communication.channels`. */
  readonly what: string;
  /** A query whose one row has a boolean column `there`. */
  readonly query: string;
  /** The command that makes it. */
  readonly madeBy: string;
}

/** Rows that a product needs from its first day. The default export of a seed module. */
export interface Seed {
  /** Names its rows in the journal and in messages: `channels`. */
  readonly name: string;
  /** The one table it writes, whose primary key is a column `id`: `communication.channels`. */
  readonly table: string;
  /** Looked at in this order. */
  readonly requires: readonly SeedRequirement[];
  /** Written in this order. */
  rows(): readonly SeedRow[];
  /** Run in the transaction of an undo before rows are deleted: a `SET LOCAL` that the tables ask for. Default: none. */
  readonly beforeUndo?: string;
}

/** Whose rows: those of one run, or with null those of nobody in particular. */
export interface SeedOwner {
  readonly runId: string | null;
  /** Run first in the transaction: a statement that fails where this run may no longer write. Default: none. */
  readonly guardSql?: string;
}

/**
 * Inserts the rows that are not there. Harmless to repeat, also when the first time committed and nobody heard of it.
 * @returns how many rows were `inserted` now and how many were `present` already.
 * @throws ProblemError `seed-requirement-missing`, or what the database said as `seed-failed` and its like.
 */
export function applySeed(
  client: pg.ClientBase,
  seed: Seed,
  { runId, guardSql }: SeedOwner,
): Promise<{ inserted: number; present: number }> {
  return inTransaction(client, { doing: `seeding ${seed.name}`, code: 'seed-failed' }, async () => {
    if (guardSql) await client.query(guardSql);
    for (const requirement of seed.requires) await demand(client, seed, requirement);
    await ensureJournal(client);
    await forgetVanished(client, seed);
    const rows = seed.rows();
    const ids: string[] = [];
    for (const row of rows) ids.push(...(await insertOne(client, row)));
    await journalInsert(client, { seed, ids, runId });
    return { inserted: ids.length, present: rows.length - ids.length };
  });
}

/**
 * Deletes the rows that `applySeed` inserted: with a `runId` only what that very run did, with null all that the journal has.
 * Does nothing where the table or the journal is gone.
 * @throws ProblemError `seed-in-use` where other rows refer to them, or what the database said as `seed-undo-failed`.
 */
export function undoSeed(
  client: pg.ClientBase,
  seed: Seed,
  { runId, guardSql }: SeedOwner,
): Promise<{ deleted: number }> {
  return inTransaction(client, { doing: `undoing the seed ${seed.name}`, code: 'seed-undo-failed' }, async () => {
    if (guardSql) await client.query(guardSql);
    if (!(await journalExists(client))) return { deleted: 0 };
    const ids = await takeFromJournal(client, { seed, runId });
    if (!(await tableExists(client, seed.table))) return { deleted: 0 };
    if (seed.beforeUndo) await client.query(seed.beforeUndo);
    const sql = `DELETE FROM ${quoteTable(seed.table)} WHERE id = ANY ($1::uuid[])`;
    const { rowCount } = await client.query(sql, [ids]).catch((error) => refuseInUse(seed, error));
    return { deleted: rowCount ?? 0 };
  });
}

async function demand(client: pg.ClientBase, seed: Seed, { what, query, madeBy }: SeedRequirement): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(query);
  if (rows[0]?.there) return;
  throw new ProblemError({
    code: 'seed-requirement-missing',
    message: `the seed ${seed.name} cannot be applied`,
    found: `the database has no ${what}`,
    next: madeBy,
  });
}

async function insertOne(client: pg.ClientBase, row: SeedRow): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(row.insert, [...row.values]);
  return rows.map(({ id }) => id);
}

async function tableExists(client: pg.ClientBase, table: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    quoteTable(table),
  ]);
  return rows[0]!.there;
}

function refuseInUse(seed: Seed, error: unknown): never {
  if (fieldOf(error, 'code') !== '23503') throw error;
  throw new ProblemError(
    {
      code: 'seed-in-use',
      message: `the rows of the seed ${seed.name} cannot be deleted`,
      found: `rows of ${fieldOf(error, 'schema')}.${fieldOf(error, 'table')} refer to them (${fieldOf(error, 'constraint')})`,
      expected: 'rows that nothing refers to',
      next: 'undo the seeds that were applied after it, delete the rows that refer to them, or keep the seed',
    },
    { cause: error },
  );
}
