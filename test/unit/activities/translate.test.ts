/** What an activity throws decides whether Temporal tries again: by the class of the error, and by how much patience it was given. */
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { toFailure } from '../../../src/activities/translate.ts';
import { ProblemError } from '../../../src/model/problem.ts';

const serverError = (code: string, message: string) => Object.assign(new Error(message), { code, severity: 'ERROR' });

type Patience = Parameters<typeof toFailure>[2];

/** The failure's words, and whether Temporal tries again. */
async function thrown(error: unknown, patience: Patience, activityType = 'revertMigration') {
  const environment = new MockActivityEnvironment({ activityType });
  const failure = await environment.run(async () => toFailure(error, new AbortController().signal, patience));
  if (!(failure instanceof ApplicationFailure)) throw failure;
  return { again: !failure.nonRetryable, type: failure.type, message: failure.message, detail: failure.details?.[0] };
}

const DATABASE = [
  ['25006', 'database-read-only'],
  ['53100', 'disk-full'],
  ['53200', 'out-of-memory'],
  ['53400', 'insufficient-resources'],
  ['58030', 'disk-error'],
  ['28P01', 'database-auth-failed'],
] as const;

describe('an undo', () => {
  it.each(DATABASE)('keeps trying where the server answers %s, which somebody can mend', async (sqlstate, code) => {
    expect(await thrown(serverError(sqlstate, 'not now'), 'keep-trying')).toEqual({
      again: true,
      type: code,
      message: `${code}: revertMigration failed: not now; the undo waits until this is mended`,
      detail: { code, message: 'revertMigration failed: not now', retry: 'retry', sqlstate },
    });
  });

  it('keeps trying where the server starts, has no connection left, or is a replica', async () => {
    for (const sqlstate of ['57P03', '53300'])
      expect(await thrown(serverError(sqlstate, 'not now'), 'keep-trying')).toMatchObject({ again: true });
    const replica = new ProblemError({ code: 'database-is-replica', message: 'this server is a replica' });
    expect(await thrown(replica, 'keep-trying')).toMatchObject({ again: true, type: 'database-is-replica' });
  });

  it('ends where the SQL itself is wrong, or the database is another', async () => {
    for (const sqlstate of ['42P01', '22012', '42501', '3D000', 'DD001'])
      expect(await thrown(serverError(sqlstate, 'no'), 'keep-trying')).toMatchObject({ again: false });
  });
});

describe('a step', () => {
  it.each(DATABASE)('ends where the server answers %s: traffic is held meanwhile', async (sqlstate, code) => {
    expect(await thrown(serverError(sqlstate, 'not now'), 'give-up')).toMatchObject({ again: false, type: code });
  });
});

describe('who renews the lease', () => {
  it('does not wait for a database that takes no writes: the run has to know', async () => {
    const readOnly = serverError('25006', 'not now');
    expect(await thrown(readOnly, 'keep-trying', 'keepHold')).toMatchObject({ again: false });
  });

  it('waits for its files to be right again', async () => {
    const missing = new ProblemError({ code: 'secret-missing', message: 'a secret is missing' });
    expect(await thrown(missing, 'keep-trying', 'keepHold')).toMatchObject({ again: true });
  });
});
