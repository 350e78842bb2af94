/**
 * Proves a baseline: runs the files up to its version on a database of its own on the same server, and compares the schema that
 * they give with the one of the target. That database is dropped in any case; a kill leaves it behind under its telling name.
 */
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { ProblemError } from '../../model/problem.ts';
import { connect } from '../../postgres/connect.ts';
import { problemFromPg } from '../../postgres/problem-from-pg.ts';
import type { MigrationDirectory } from '../files.ts';
import { diffFingerprints, type Fingerprint, fingerprint } from '../fingerprint.ts';
import { migrateAll } from '../migrate.ts';
import { openMigrator } from '../migrator.ts';
import { filesThrough } from './baseline.ts';

export interface ProofGround extends MigrationDirectory {
  readonly url: string;
  readonly schemas: readonly string[];
  readonly ledgerSchema: string;
}

/** Errors: `baseline-differs`, `baseline-unprovable`, `migration-unknown`, and those of connecting. */
export async function proveBaseline(ground: ProofGround, version: string): Promise<'same-schema'> {
  const target = await connect({ url: ground.url, applicationName: 'drydock:baseline', purpose: 'check' });
  try {
    const wanted = await fingerprint(target.client, ground);
    const made = await inOwnDatabase(target.client, ground.url, (url) => schemaFrom({ ...ground, url }, version));
    if (made.digest !== wanted.digest) throw differs(wanted, made, version);
    return 'same-schema';
  } finally {
    await target.close();
  }
}

async function schemaFrom(ground: ProofGround, version: string): Promise<Fingerprint> {
  const migrator = openMigrator({
    ...ground,
    owner: { appliedBy: 'drydock baseline --verify', runId: null },
    claim: { kind: 'standalone' },
  });
  try {
    await migrator.alone((work, files) => migrateAll(work, filesThrough(files, version)));
    return await migrator.fingerprint();
  } finally {
    await migrator.close();
  }
}

async function inOwnDatabase<T>(client: pg.Client, url: string, task: (url: string) => Promise<T>): Promise<T> {
  const name = `drydock_baseline_${randomBytes(4).toString('hex')}`;
  try {
    await client.query(`create database ${name} template template0`);
  } catch (error) {
    throw unprovable('a database of their own cannot be made', error);
  }
  try {
    const own = new URL(url);
    own.pathname = `/${name}`;
    return await task(own.href);
  } catch (error) {
    throw unprovable('the files do not run on an empty database', error);
  } finally {
    await client.query(`drop database if exists ${name} with (force)`);
  }
}

function unprovable(why: string, error: unknown): ProblemError {
  const { code, message, found } = problemFromPg(error, { doing: 'proving the baseline' });
  return new ProblemError(
    {
      code: 'baseline-unprovable',
      message: `the baseline cannot be proven: ${why}`,
      found: [`${code}: ${message}`, ...(found ? [found] : [])].join('\n'),
      expected: 'a role that may create databases, and files that need nothing but themselves',
      next: 'compare the schemas by other means, then run the same command without --verify; nothing was recorded',
    },
    { cause: error },
  );
}

function differs(wanted: Fingerprint, made: Fingerprint, version: string): ProblemError {
  const lines = diffFingerprints(made, wanted);
  const more = lines.length > 20 ? [`and ${lines.length - 20} more`] : [];
  return new ProblemError({
    code: 'baseline-differs',
    message: `the database does not have the schema that the migrations up to ${version} give`,
    found: [...lines.slice(0, 20), ...more].join('\n'),
    expected: 'the same schema',
    next: 'find the version whose schema this is, or bring the database in line by hand; nothing was recorded',
  });
}
