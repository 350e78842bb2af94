/**
 * `release`: lets go of what a run holds on a target, without Temporal: traffic and consumers are put back as they were noted. It
 * shows what is held first, and asks where the run behind it may still be at work.
 */
import type { HeldThing, LetGoContext } from '../../drain/held-thing.ts';
import type { LeaseRow } from '../../drain/lease/lease.ts';
import type { LetGoReport } from '../../drain/let-go-of-all.ts';
import { ProblemError } from '../../model/problem.ts';
import type { SecretRef } from '../../model/secret-ref.ts';
import { connect, type Session } from '../../postgres/connect.ts';
import type { Answer, Call, CommandSpec, CommonFlags } from '../command.ts';
import { holdLines, releasedLines } from '../show-hold.ts';

interface ReleaseFlags {
  readonly yes?: boolean;
}

export const releaseCommand: CommandSpec<ReleaseFlags> = {
  name: 'release',
  about:
    'Let go of the traffic and the consumers that a run holds on a target. Needs no Temporal. Shows what is held first.',
  options: [['--yes', 'without being asked, also where the run may still be at work']],
  migrations: 'not-needed',
  work: async (call, flags) => {
    const context = await contextOf(call, flags);
    const session = await connect({ url: context.url, applicationName: 'drydock:release', purpose: 'check' });
    try {
      return await releaseWith(call, flags, context, session);
    } finally {
      await session.close();
    }
  },
};

async function releaseWith(
  call: Call,
  flags: ReleaseFlags & CommonFlags,
  context: LetGoContext,
  { client }: Session,
): Promise<Answer> {
  const [{ readLease }, { allThings }, { letGoOfAll }] = await Promise.all([
    import('../../drain/lease/lease.ts'),
    import('../../drain/lease/notes.ts'),
    import('../../drain/let-go-of-all.ts'),
  ]);
  const hold = await readLease(client);
  if (!hold || hold.state === 'ended') return nothingHeld(context.target.name);
  const things = await allThings(client);
  const run = (await call.isHolderAlive?.({ ...hold, operation: 'hold' }).catch(() => undefined)) ?? 'unknown';
  call.print(holdLines({ hold, things, run }).join('\n'));
  await requireAgreement(call, flags, { hold, run });
  const report = await letGoOfAll(context, client, { owner: hold, by: 'command', when: 'at-once' });
  return answerOf(context.target.name, hold, report, things);
}

/** Errors: `usage`, those of targets and of their URL. */
async function contextOf(call: Call, { target: name }: CommonFlags): Promise<LetGoContext> {
  if (name === undefined) throw withoutTarget();
  const [{ url }, { findTarget }, { resolveSecret }, { readFile }, path] = await Promise.all([
    call.database(),
    import('../../runbook/targets.ts'),
    import('../../runbook/secret.ts'),
    import('node:fs/promises'),
    import('node:path'),
  ]);
  const { view } = await findTarget(name, call.root);
  const sources = {
    lookup: call.environment.lookup,
    readFile: (file: string) => readFile(path.resolve(call.root, file), 'utf8'),
  };
  const secret = (ref: SecretRef): Promise<string> => resolveSecret(ref, name, sources);
  return { target: view, url, secret, signal: call.signal, onProgress: (line) => call.print(line) };
}

interface Found {
  readonly hold: LeaseRow;
  readonly run: 'running' | 'closed' | 'unknown';
}

async function requireAgreement(
  call: Call,
  { yes, json }: ReleaseFlags & CommonFlags,
  { hold, run }: Found,
): Promise<void> {
  const mayBeAtWork = run === 'running' || (run === 'unknown' && hold.state === 'held' && hold.remainingMs > 0);
  if (yes || !(mayBeAtWork || (hold.keptForPerson && hold.remainingMs > 0))) return;
  if (!json && process.stdin.isTTY && process.stdout.isTTY && !call.environment.ci) {
    const { confirm } = await import('@clack/prompts');
    if ((await confirm({ message: 'Let go of it?', initialValue: false })) === true) return;
  }
  throw new ProblemError({
    code: 'release-not-confirmed',
    message: mayBeAtWork
      ? `${hold.workflowId} may still be at work, and nothing was let go`
      : `${hold.workflowId} keeps this for a person, and nothing was let go`,
    found: holdLines({ hold, things: [], run })[0]!,
    expected: mayBeAtWork
      ? 'a run that is over; one that still works undoes what it did when it loses its hold'
      : 'somebody who has looked at what the failed undo left',
    next: mayBeAtWork
      ? `abort the run, which lets go by itself; or run \`release --yes\``
      : 'when that is done, run `release --yes`',
  });
}

function answerOf(target: string, hold: LeaseRow, report: LetGoReport, things: readonly HeldThing[]): Answer {
  const json = { target, hold, ...report };
  if (report.kind === 'not-ours') return nothingHeld(target);
  if (report.failed.length === 0) return { json, text: releasedLines(target, things, report).join('\n') };
  const [first] = report.failed;
  return {
    json,
    text: '',
    exitCode: 1,
    problems: [
      {
        code: 'release-incomplete',
        message: `${report.failed.length} of ${things.length} could not be let go of`,
        found: report.failed.map(({ thing, problem }) => `${thing}: ${problem.code}: ${problem.message}`).join('\n'),
        expected: 'everything as it was before the run',
        next: first?.problem.next ? `${first.problem.next}; then the same command again` : 'the same command again',
        retry: 'retry',
      },
    ],
  };
}

function nothingHeld(target: string): Answer {
  return { json: { target, hold: null }, text: `nothing is held on ${target}` };
}

function withoutTarget(): ProblemError {
  return new ProblemError({
    code: 'usage',
    message: 'no target was named',
    expected: 'the target whose traffic is held: only drydock.yaml knows its poolers and consumers',
    next: 'name it with --target instead of a URL',
  });
}
