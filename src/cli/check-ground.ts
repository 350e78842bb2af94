/** What the checklist is looked at on: a target as drydock.yaml has it, or a bare URL with what the flags say about it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AskConsumers } from '../checks/consumers/answer.ts';
import type { CheckContext } from '../checks/context.ts';
import type { CheckOutcome } from '../model/outcome.ts';
import { ProblemError } from '../model/problem.ts';
import type { Runbook } from '../model/runbook.ts';
import type { SecretRef } from '../model/secret-ref.ts';
import type { TargetView } from '../model/target.ts';
import type { Call, CommonFlags } from './command.ts';

/** The name of what is no target. */
export const AD_HOC = 'ad-hoc';

export interface CheckFlags {
  /** Items by their ids, separated by commas. */
  readonly only?: string;
  readonly replicas?: string;
  readonly archives?: readonly string[];
}

/** Errors: `usage`, those of targets and of their URL. */
export async function checkGround(
  call: Call,
  flags: CheckFlags & CommonFlags,
  runbook: Runbook,
): Promise<CheckContext> {
  const target = flags.target === undefined ? adHocTarget(call, flags) : await namedTarget(call, flags, flags.target);
  const { url } = await call.database();
  const { root, signal } = call;
  return { url, target, runbook, root, secret: secretsOf(call, target.name), askConsumers, signal };
}

const askConsumers: AskConsumers = async (consumers, asked) =>
  (await import('../drain/consumers/look-at-each.ts')).lookAtEach(consumers, asked);

async function namedTarget(call: Call, { replicas, archives }: CheckFlags, name: string): Promise<TargetView> {
  if (replicas !== undefined || archives !== undefined) throw targetSaysItself(name);
  const { findTarget } = await import('../runbook/targets.ts');
  return (await findTarget(name, call.root)).view;
}

/** What drydock.yaml would fill in, where nothing is held and nobody is told. */
function adHocTarget({ set }: Call, flags: CheckFlags & CommonFlags): TargetView {
  return {
    name: AD_HOC,
    environment: 'not said',
    urlSource: flags.url === undefined ? `environment variable ${set.databaseVariable}` : '--url',
    replicas: { expected: numberOf(flags.replicas ?? '0') },
    // Relative to where the command is called, as a shell's own patterns are.
    backups: { archives: (flags.archives ?? []).map((pattern) => path.resolve(pattern)) },
    seeds: false,
    window: {},
    drain: { kind: 'observe' },
    onUndoFailed: 'hold',
    holdAtMostMs: 0,
    saveDirectory: '.drydock/saved',
  };
}

function numberOf(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new ProblemError({
    code: 'usage',
    message: '--replicas has to be a number',
    found: `"${text}"`,
    expected: 'how many replicas are connected to the primary, such as 2',
    next: 'write it again',
  });
}

function targetSaysItself(name: string): ProblemError {
  return new ProblemError({
    code: 'usage',
    message: '--replicas and --archives are for a database that is no target',
    found: `--target ${name}`,
    expected: 'the target says these things itself, in drydock.yaml',
    next: 'leave them out, or use --url',
  });
}

function secretsOf({ environment, root }: Call, target: string): (ref: SecretRef) => Promise<string> {
  const sources = {
    lookup: environment.lookup,
    readFile: (file: string) => readFile(path.resolve(root, file), 'utf8'),
  };
  return async (ref) => (await import('../runbook/secret.ts')).resolveSecret(ref, target, sources);
}

const NAME_DUMPS =
  'say with --archives where dumps are, or take one with backup; or make the database a target in drydock.yaml';
const NAME_REPLICAS = 'say with --replicas how many there are to be, or bring the missing one back';

/** The ways out that speak of drydock.yaml, for a database that is not in it. */
const WITHOUT_TARGET: Readonly<Record<string, string>> = {
  'dump-archives-not-named': NAME_DUMPS,
  'dump-archives-none': NAME_DUMPS,
  'backup-not-named': NAME_DUMPS,
  'dump-archive-of-another-database': NAME_DUMPS,
  'replica-missing': NAME_REPLICAS,
  'replica-unexpected': NAME_REPLICAS,
};

/** The outcome with a way out that can be gone from this command line. */
export function fitting(outcome: CheckOutcome, { target }: CheckContext): CheckOutcome {
  const { problem } = outcome;
  const next = problem && target.name === AD_HOC ? WITHOUT_TARGET[problem.code] : undefined;
  return problem && next ? { ...outcome, problem: { ...problem, next } } : outcome;
}
