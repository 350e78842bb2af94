/**
 * One look at the server: a statement, and what its rows mean. All looks of a check go out in one message; where the role may
 * not ask one of them, each is asked by itself and that one says so.
 */
import type pg from 'pg';
import type { Evidence } from '../../model/outcome.ts';
import type { ProblemInput } from '../../model/problem.ts';
import { sqlstateOf } from '../../postgres/sqlstate.ts';
import type { Lack } from '../environment-lacks.ts';
import type { ServerNow } from '../identity.ts';
import { fact } from '../outcome.ts';
import type { EnvironmentLimits } from './limits.ts';
import type { TableScope } from './tables-in-question.ts';

export interface LookScope extends TableScope, ServerNow {
  readonly ledgerSchema: string;
  readonly limits: EnvironmentLimits;
}

export interface Finding {
  readonly evidence: readonly Evidence[];
  readonly problems?: readonly ProblemInput[];
  readonly lacks?: readonly Lack[];
}

/** `sql` is one statement without parameters, that takes no lock on a table of the database. */
export interface Look<Row extends pg.QueryResultRow = pg.QueryResultRow> {
  /** Names its evidence where the role may not ask. */
  readonly name: string;
  readonly sql: (scope: LookScope) => string;
  readonly judge: (rows: readonly Row[], scope: LookScope) => Finding | Promise<Finding>;
}

/** The same look, for a list of looks of different rows. */
export function look<Row extends pg.QueryResultRow>(one: Look<Row>): Look {
  return { ...one, judge: (rows, scope) => one.judge(rows as readonly Row[], scope) };
}

/** In the order of the looks. The client is in no transaction. */
export async function takeLooks(
  client: pg.Client,
  looks: readonly Look[],
  scope: LookScope,
): Promise<readonly Finding[]> {
  const answers = (await askTogether(client, looks, scope)) ?? (await askEach(client, looks, scope));
  return Promise.all(looks.map((one, place) => findingOf(one, answers[place] ?? null, scope)));
}

/** Null: not permitted. */
type Answer = readonly pg.QueryResultRow[] | null;

async function askTogether(
  client: pg.Client,
  looks: readonly Look[],
  scope: LookScope,
): Promise<readonly Answer[] | null> {
  try {
    const result: unknown = await client.query(looks.map(({ sql }) => sql(scope)).join(';\n'));
    return (Array.isArray(result) ? (result as pg.QueryResult[]) : [result as pg.QueryResult]).map(({ rows }) => rows);
  } catch (error) {
    if (sqlstateOf(error) === NOT_PERMITTED) return null;
    throw error;
  }
}

const NOT_PERMITTED = '42501';

async function askEach(client: pg.Client, looks: readonly Look[], scope: LookScope): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const { sql } of looks) {
    const asked = client.query(sql(scope)).then(({ rows }): Answer => rows);
    answers.push(
      await asked.catch((error: unknown) => {
        if (sqlstateOf(error) === NOT_PERMITTED) return null;
        throw error;
      }),
    );
  }
  return answers;
}

function findingOf(one: Look, rows: Answer, scope: LookScope): Finding | Promise<Finding> {
  if (rows === null) return { evidence: [fact(one.name, 'not visible to this role')] };
  return one.judge(rows, scope);
}
