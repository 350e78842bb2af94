/**
 * Runs one validation of a runbook: its statements in one transaction that is rolled back on every path, read-only unless
 * the runbook says that it writes. It reports names and counts, never rows.
 */
import type pg from 'pg';
import type { CheckOutcome, Evidence } from '../model/outcome.ts';
import type { Problem, ProblemInput } from '../model/problem.ts';
import { problemFromPg } from '../postgres/problem-from-pg.ts';
import type { StatementWithSql, ValidationItemWithSql } from '../runbook/definition.ts';
import { type Judgement, judge, type Row, type StatementResult } from './expectation.ts';
import { count, fact, failed, passed } from './outcome.ts';

/**
 * The client must not be in a transaction, and its session must be allowed to write where the item writes. A statement
 * that fails, or an expectation that is not met, is a failed outcome (`validation-failed` or the code of the SQLSTATE); a
 * lost connection is thrown.
 */
export async function runValidation(
  client: pg.Client,
  item: ValidationItemWithSql,
  options: { readonly now?: () => Date } = {},
): Promise<CheckOutcome> {
  const results: Result[] = [];
  await client.query(item.writes ? 'begin read write' : 'begin read only');
  try {
    for (const [index, statement] of item.statements.entries()) {
      const result = await runOne(client, statement, index + 1);
      results.push(result);
      if (result.kind === 'error') break;
    }
    if (item.writes && results.every(({ kind }) => kind === 'judged')) results.push(...(await checkDeferred(client)));
  } finally {
    await client.query('rollback');
  }
  return conclude(options, item, results);
}

type Result =
  | { readonly kind: 'judged'; readonly name: string; readonly judgement: Judgement }
  | { readonly kind: 'error'; readonly name: string; readonly problem: Problem };

async function runOne(client: pg.Client, statement: StatementWithSql, place: number): Promise<Result> {
  const name = `statement ${place}${statement.mode === 'explain' ? ', its plan' : ''}`;
  try {
    const result = statement.mode === 'explain' ? await explain(client, statement) : await query(client, statement);
    return { kind: 'judged', name, judgement: judge(result, statement.expect) };
  } catch (error) {
    return { kind: 'error', name, problem: refusalOf(error, name) };
  }
}

function refusalOf(error: unknown, name: string): Problem {
  const problem = problemFromPg(error, { doing: name, code: 'validation-failed' });
  if (problem.retry === 'retry') throw error;
  return problem;
}

async function query(client: pg.Client, { sql }: StatementWithSql): Promise<StatementResult> {
  const { rows, rowCount } = await runSingle(client, sql);
  return { kind: 'rows', rows, count: rowCount ?? rows.length };
}

async function explain(client: pg.Client, { sql }: StatementWithSql): Promise<StatementResult> {
  // On tables of a few rows the planner would read the whole table whatever indexes there are.
  await client.query('set local enable_seqscan = off');
  const { rows } = await runSingle(client, `explain (format json) ${sql}`);
  await client.query('set local enable_seqscan to default');
  return { kind: 'plan', plan: rows[0]?.['QUERY PLAN'] };
}

/** By the extended protocol, which takes one statement only: nothing can follow the one that was read in the file. */
function runSingle(client: pg.Client, sql: string): Promise<pg.QueryResult<Row>> {
  const query: pg.QueryConfig & { readonly queryMode: 'extended' } = { text: sql, values: [], queryMode: 'extended' };
  return client.query<Row>(query);
}

/** Constraints that would be checked at a commit which never comes. */
async function checkDeferred(client: pg.Client): Promise<readonly Result[]> {
  const name = 'deferred constraints';
  try {
    await client.query('set constraints all immediate');
    return [];
  } catch (error) {
    return [{ kind: 'error', name, problem: refusalOf(error, name) }];
  }
}

function conclude(
  options: { readonly now?: () => Date },
  item: ValidationItemWithSql,
  results: readonly Result[],
): CheckOutcome {
  const evidence = results.map(describe);
  const problem = refusal(item, results);
  if (problem !== undefined) return failed(options, problem, evidence);
  const rolledBack = item.writes ? ', written and rolled back' : '';
  return passed(options, `${count(results.length, 'statement')} as expected${rolledBack}`, evidence);
}

function describe(result: Result): Evidence {
  if (result.kind === 'error') return fact(result.name, `error: ${result.problem.message}`, 'no error');
  return fact(result.name, result.judgement.found, result.judgement.expected);
}

function refusal(item: ValidationItemWithSql, results: readonly Result[]): ProblemInput | undefined {
  const otherwise = item.otherwise === undefined ? {} : { next: item.otherwise.trim() };
  const error = results.find((result) => result.kind === 'error');
  if (error !== undefined) return { ...error.problem, ...otherwise, message: `${item.id}: ${error.problem.message}` };
  const unmet = results.flatMap((result) => (result.kind === 'judged' && !result.judgement.met ? [result] : []));
  if (unmet.length === 0) return undefined;
  return {
    code: 'validation-failed',
    message: `${item.id}: ${count(unmet.length, 'statement')} of ${results.length} not as expected`,
    found: unmet.map(({ name, judgement }) => `${name}: ${judgement.found}`).join('\n'),
    expected: unmet.map(({ name, judgement }) => `${name}: ${judgement.expected}`).join('\n'),
    ...otherwise,
  };
}
