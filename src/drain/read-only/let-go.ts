/**
 * Puts back what a note of this drain says, for whoever lets go: the run, its guard, a command or a worker that starts. A session
 * that connected meanwhile stays read-only for as long as it lives, so it is ended as well and comes back as it was.
 */
import { count, fact } from '../../checks/outcome.ts';
import { withSession } from '../../checks/session.ts';
import { describeBackend } from '../../model/backend.ts';
import type { Evidence } from '../../model/outcome.ts';
import { ProblemError } from '../../model/problem.ts';
import { systemClock } from '../../postgres/clock.ts';
import type { Session } from '../../postgres/connect.ts';
import type { HeldThing, LetGoContext } from '../held-thing.ts';
import { type HeldSessions, readNote } from './held-settings.ts';
import { type Ended, endSessions, serverTime } from './sessions.ts';
import { placeWords, SETTING, type Setting, valueWords } from './setting.ts';
import { turnBack } from './turn.ts';

type LettingGo = Pick<LetGoContext, 'url' | 'clock' | 'signal' | 'onProgress'>;
type Note = Pick<HeldThing, 'name' | 'former'>;

/**
 * Harmless to repeat, and in any order: the note on sessions puts every setting back itself before it ends one. The note is
 * the caller's to forget afterwards. Gives one line on what was done.
 * Errors: those of the connection, `hold-note-unreadable`, `drain-sessions-stay`.
 */
export async function letGoOfReadOnly(context: LettingGo, thing: Note): Promise<string> {
  const done = await putBackNote(context, thing);
  return done.map(({ name, value }) => `${name}: ${value}`).join('; ') || `${thing.name}: as it was before already`;
}

/** The same, as facts for a report. */
export function putBackNote(context: LettingGo, thing: Note): Promise<readonly Evidence[]> {
  const note = readNote(thing);
  return withSession(context, 'read-only', (session) =>
    note.kind === 'setting' ? putBack(session, [note.former]) : putSessionsBack(context, session, note.former),
  );
}

async function putBack({ client }: Session, settings: readonly Setting[]): Promise<readonly Evidence[]> {
  const turned = await turnBack(client, settings);
  return turned.map((setting) => fact(`${SETTING} of ${placeWords(setting)}`, `${valueWords(setting.value)} again`));
}

async function putSessionsBack(
  context: LettingGo,
  session: Session,
  { roles, from, endAfterMs, settings }: HeldSessions,
): Promise<readonly Evidence[]> {
  const evidence = await putBack(session, settings);
  const ended = await endSessions(session.client, {
    roles,
    connected: { from, until: await serverTime(session.client) },
    endAfterMs,
    clock: context.clock ?? systemClock,
    signal: context.signal,
    onProgress: context.onProgress,
  });
  requireGone(ended);
  return [...evidence, ...endedFacts('read-only sessions ended', ended)];
}

/** Error: `drain-sessions-stay`. */
export function requireGone({ left }: Ended): void {
  if (left.length === 0) return;
  throw new ProblemError({
    code: 'drain-sessions-stay',
    message: `${count(left.length, 'session')} did not end when told to`,
    found: left.map(describeBackend).join('\n'),
    expected: 'a session that is told to end is gone within seconds',
    next: 'look at what they wait for in pg_stat_activity; it is tried again',
    retry: 'retry',
  });
}

/** Who had to be interrupted is named. */
export function endedFacts(name: string, { idle, busy }: Ended): readonly Evidence[] {
  const named = busy.map(describeBackend).join('\n');
  return [
    fact(name, `${count(idle, 'idle session')}, ${busy.length} busy`),
    ...(named ? [fact('ended while busy', named)] : []),
  ];
}
