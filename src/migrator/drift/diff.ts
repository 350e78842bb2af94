/**
 * Compares the owned schemas of a database with what its applied migrations make, or with those of another database. Nothing
 * of either database is changed.
 */
import type { SchemaDiff } from '../../model/drift.ts';
import { ProblemError } from '../../model/problem.ts';
import { connect, type Session } from '../../postgres/connect.ts';
import { readMigrations } from '../files.ts';
import { type Fingerprint, type FingerprintScope, fingerprint } from '../fingerprint.ts';
import { readLedger } from '../ledger.ts';
import { editedFiles, type MigrationPlan, planMigrations } from '../plan.ts';
import { fullName } from '../plan-problems.ts';
import { acrossMajors, asMadeBy, type Side, withoutRoles } from './comparable.ts';
import { compareCatalogs } from './compare-catalogs.ts';
import { ledgerOwner, type MadeByFilesPlan, madeByFiles } from './made-by-files.ts';

const APPLICATION_NAME = 'drydock:diff';

export type LedgerDiffOptions = Omit<MadeByFilesPlan, 'client' | 'applied'> & { readonly roles: Roles };

/** Whether owners and privileges are compared. */
export type Roles = 'compared' | 'left-out';

/** Errors: `diff-not-possible`, those of `madeByFiles`, of the files and of connecting. */
export async function diffWithLedger(options: LedgerDiffOptions): Promise<SchemaDiff> {
  const { target, roles } = options;
  const { schemas, ledgerSchema } = target;
  return withSession(target.url, async (session) => {
    const { client } = session;
    const { files, repeatables } = await readMigrations(target);
    const ledger = await readLedger(client, ledgerSchema);
    const plan = planMigrations([...files, ...repeatables], ledger.rows, ledger.repeatables);
    refuseUnknown(plan);
    const applied = plan.migrations.flatMap((one) => (one.state === 'applied' ? [one.file] : []));
    const now = await fingerprint(client, { schemas, ledgerSchema });
    const made = await madeByFiles({ ...options, client, applied });
    const owner = (await ledgerOwner(client, ledgerSchema)) ?? made.role;
    const before = {
      major: made.major,
      objects: asMadeBy(made.print.objects, { was: made.role, is: owner }),
    };
    const isElsewhere = made.place !== 'same-server' && roles === 'compared';
    const { differences, notes } = compared(before, sideOf(session, now), isElsewhere ? 'left-out' : roles);
    return {
      kind: 'ledger',
      before: `the files of ${applied.length} ${applied.length === 1 ? 'migration' : 'migrations'}`,
      now: session.describe,
      schemas,
      digestBefore: made.print.digest,
      digestNow: now.digest,
      differences,
      notes: [
        ...(isElsewhere ? ['owners and privileges are not compared: another server has other roles'] : []),
        ...notes,
        ...made.notes,
      ],
    };
  });
}

export interface DatabaseDiffOptions extends FingerprintScope {
  readonly url: string;
  /** The other database: what is there and not here is told as missing. */
  readonly withUrl: string;
  readonly roles: Roles;
}

/** `withUrl` is the side of reference. Errors: those of connecting. */
export async function diffDatabases({ url, withUrl, roles, ...scope }: DatabaseDiffOptions): Promise<SchemaDiff> {
  return withSession(url, (here) =>
    withSession(withUrl, async (there) => {
      const [before, now] = await Promise.all([fingerprint(there.client, scope), fingerprint(here.client, scope)]);
      return {
        kind: 'databases',
        before: there.describe,
        now: here.describe,
        schemas: scope.schemas,
        digestBefore: before.digest,
        digestNow: now.digest,
        ...compared(sideOf(there, before), sideOf(here, now), roles),
      };
    }),
  );
}

function compared(before: Side, now: Side, roles: Roles): Pick<SchemaDiff, 'differences' | 'notes'> {
  const sides = acrossMajors(before, now);
  const seen = roles === 'left-out' ? withoutRoles : (objects: Side['objects']) => objects;
  return { differences: compareCatalogs(seen(sides.before), seen(sides.now)), notes: sides.notes };
}

function sideOf(session: Session, { objects }: Fingerprint): Side {
  return { objects, major: Math.floor(session.serverVersion / 10_000) };
}

async function withSession<T>(url: string, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await connect({ url, applicationName: APPLICATION_NAME, purpose: 'read' });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** What the applied migrations made cannot be made again where their files are not those that were applied. */
function refuseUnknown({ migrations }: MigrationPlan): void {
  const found = migrations.flatMap((one) => {
    if (one.state === 'missing') return [`${fullName(one.row)}: its files are not on disk`];
    if (one.state === 'pending' && one.changedSince) return [`${one.version}: it was edited since it was run`];
    if (one.state === 'unfinished') return [`${fullName(one.file)}: only a part of it is applied`];
    if (one.state !== 'applied' || !editedFiles(one.file, one.row).includes('up')) return [];
    return [`${fullName(one.file)}: its up file was edited since`];
  });
  if (found.length === 0) return;
  throw new ProblemError({
    code: 'diff-not-possible',
    message: 'what the applied migrations made cannot be made again',
    found: found.join('\n'),
    expected: 'the up file of every applied migration as it was applied, and none unfinished',
    next: 'use the checkout that was applied; or compare two databases: `diff --with $OTHER_URL`',
  });
}
