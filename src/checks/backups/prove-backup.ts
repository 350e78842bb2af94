/**
 * Could this database be brought back? The providers that the target names for one kind of backup are asked, all of them;
 * one has to prove it, and what each of them found is evidence. It knows no provider from the inside.
 */
import { type BackupKind, type BackupProvider, providerLabel, providersOf } from '../../model/backups.ts';
import type { CheckOutcome, Evidence } from '../../model/outcome.ts';
import { isProblemError, type Problem } from '../../model/problem.ts';
import { problemFromPg } from '../../postgres/problem-from-pg.ts';
import type { Check, CheckContext } from '../context.ts';
import { readIdentity } from '../identity.ts';
import { fact, failed, passed } from '../outcome.ts';
import { withSession } from '../session.ts';
import { askProvider } from './ask-provider.ts';
import type { BackupQuestion, DatabaseAsked } from './proof.ts';
import { noProviderProves, nothingNamed, stillRunning } from './proof-problems.ts';
import { describeRunningDump, type RunningDump, runningDumps } from './running-dumps.ts';

export const checkLogicalBackup: Check<'logical-backup'> = (context, { maxAgeMs }) =>
  proveBackup(context, 'logical', maxAgeMs);

export const checkPitrBackup: Check<'pitr-backup'> = (context, { maxAgeMs }) => proveBackup(context, 'pitr', maxAgeMs);

/** What one provider found. */
export interface Finding {
  readonly label: string;
  readonly outcome: CheckOutcome;
  /** Where it could not be asked: what was thrown. */
  readonly error?: unknown;
}

async function proveBackup(context: CheckContext, kind: BackupKind, maxAgeMs: number): Promise<CheckOutcome> {
  const providers = providersOf(context.target.backups, kind);
  if (providers.length === 0) return failed(context, nothingNamed(context.target.name), []);
  const { database, dumps } = await readDatabase(context);
  const findings: Finding[] = [];
  // One after the other: two of them may want to close a segment of WAL and wait for it.
  for (const provider of providers) findings.push(await ask({ context, database, maxAgeMs }, provider));
  const evidence = [...findings.flatMap(evidenceOf(findings.length)), dumpsFact(dumps)];
  const proven = findings.filter(({ outcome }) => outcome.status === 'passed');
  if (proven.length === 0) return refused(context, kind, findings, evidence);
  if (dumps.length > 0 && saysSo(context, kind)) return failed(context, stillRunning(dumps), evidence);
  return passed(context, summaryOf(proven, findings), evidence);
}

async function readDatabase(
  context: CheckContext,
): Promise<{ database: DatabaseAsked; dumps: readonly RunningDump[] }> {
  return withSession(context, 'backup', async ({ client }) => {
    const identity = await readIdentity(client);
    const { rows } = await client.query<{ oid: string }>(
      'select oid::text as oid from pg_database where datname = current_database()',
    );
    const { systemIdentifier, database, serverVersion } = identity;
    return {
      database: { systemIdentifier, database, serverVersion, oid: rows[0]!.oid },
      dumps: await runningDumps(client),
    };
  });
}

async function ask(question: BackupQuestion, provider: BackupProvider): Promise<Finding> {
  const label = providerLabel(provider);
  question.context.onProgress?.(`asking ${label}`);
  try {
    return { label, outcome: await askProvider(question, provider) };
  } catch (error) {
    if (question.context.signal?.aborted) throw error;
    return { label, outcome: failed(question.context, problemOf(error, label), []), error };
  }
}

function problemOf(error: unknown, label: string): Problem {
  return isProblemError(error)
    ? error.problem
    : problemFromPg(error, { doing: `asking ${label}`, code: 'backup-not-asked' });
}

/** With several providers each fact says whose it is. */
function evidenceOf(providers: number): (finding: Finding) => readonly Evidence[] {
  return ({ label, outcome }) => {
    const own = providers === 1 ? '' : `${label}: `;
    const verdict = outcome.status === 'passed' ? 'proves it' : `does not prove it: ${outcome.summary}`;
    return [fact(label, verdict), ...outcome.evidence.map((one) => ({ ...one, name: `${own}${one.name}` }))];
  };
}

function dumpsFact(dumps: readonly RunningDump[]): Evidence {
  return fact('dumps of ours still running', dumps.map(describeRunningDump).join('\n') || 'none', 'none');
}

/** What could not be asked may be had the next time: then the question is asked again, rather than a person. */
function refused(
  context: CheckContext,
  kind: BackupKind,
  findings: readonly Finding[],
  evidence: readonly Evidence[],
): CheckOutcome {
  const passing = findings.find(({ outcome, error }) => error !== undefined && outcome.problem?.retry === 'retry');
  if (passing !== undefined) throw passing.error;
  const [only] = findings;
  if (findings.length === 1) return failed(context, only!.outcome.problem!, evidence);
  return failed(context, noProviderProves(kind, findings), evidence);
}

/** One item of a checklist says it: the one about dumps, where there is one. */
function saysSo({ runbook }: CheckContext, kind: BackupKind): boolean {
  return kind === 'logical' || !runbook.checklist.some(({ spec }) => spec.kind === 'logical-backup');
}

function summaryOf(proven: readonly Finding[], findings: readonly Finding[]): string {
  const { summary } = proven[0]!.outcome;
  return findings.length === 1 ? summary : `${summary} (${proven.length} of ${findings.length} providers prove it)`;
}
