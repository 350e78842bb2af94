/**
 * Proves a baseline: runs the files up to its version on a database of its own on the same server, and compares the schema that
 * they give with the one of the target. That database is dropped in any case; a kill leaves it behind under its telling name.
 */
import { randomBytes } from 'node:crypto';
import { ProblemError } from '../../model/problem.ts';
import { connect } from '../../postgres/connect.ts';
import { problemFromPg } from '../../postgres/problem-from-pg.ts';
import type { MigrationDirectory } from '../files.ts';
import { diffFingerprints, type Fingerprint, fingerprint } from '../fingerprint.ts';
import { migrateAll } from '../migrate.ts';
import { openMigrator } from '../migrator.ts';
import { readTargetFacts, sameServerOptions } from '../rehearsal/target-facts.ts';
import { openMaintenance, withDatabase } from '../rehearsal/throw-away.ts';
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
    const options = sameServerOptions(await readTargetFacts(target.client));
    const made = await inOwnDatabase({ url: ground.url, options }, (url) => schemaFrom({ ...ground, url }, version));
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

interface OwnDatabase {
  readonly url: string;
  /** Like the target's: `template template0 encoding …`. */
  readonly options: string;
}

async function inOwnDatabase<T>({ url, options }: OwnDatabase, task: (url: string) => Promise<T>): Promise<T> {
  const name = `drydock_baseline_${randomBytes(4).toString('hex')}`;
  const { client, close } = await openMaintenance(url);
  try {
    await client.query(`create database ${name} ${options}`).catch((error: unknown) => {
      throw unprovable('a database of their own cannot be made', error);
    });
    try {
      return await task(withDatabase(url, name));
    } catch (error) {
      throw unprovable('the files do not run on an empty database', error);
    } finally {
      await client.query(`drop database if exists ${name} with (force)`);
    }
  } finally {
    await close();
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
