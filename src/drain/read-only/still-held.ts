/**
 * Are sessions read-only still? The settings have to stand, nobody from before may be left, and nobody may be seen writing: a
 * session can set itself back, and is found by what it does.
 */
import { fact } from '../../checks/outcome.ts';
import { heldScope } from '../../checks/quiet.ts';
import { describeOffender, sampleQuiet } from '../../checks/quiet-sample.ts';
import { withSession } from '../../checks/session.ts';
import type { Evidence } from '../../model/outcome.ts';
import type { ProblemInput } from '../../model/problem.ts';
import { BACKEND_COLUMNS, type BackendInfo, describeBackend } from '../../postgres/backend.ts';
import type { Session } from '../../postgres/connect.ts';
import type { HeldOutcome, HoldContext } from '../hold.ts';
import { type HeldSessions, readNote } from './held-settings.ts';
import { IN_SCOPE } from './scope.ts';
import { listSessions } from './sessions.ts';
import { HELD_VALUE, placeWords, readSettings, SETTING, type Setting, valueWords } from './setting.ts';

export async function lookHeld(context: HoldContext): Promise<HeldOutcome> {
  const notes = (await context.notes.noted()).filter(({ kind }) => kind === 'read-only').map(readNote);
  const settings = notes.flatMap((note) => (note.kind === 'setting' ? [note.former] : []));
  const sessions = notes.flatMap((note) => (note.kind === 'sessions' ? [note.former] : []));
  return withSession(context, 'held', async (session) => {
    const changed = await settingsChanged(session, settings);
    const writing = [...(await fromBefore(session, sessions)), ...(await seenWriting(context, session, sessions))];
    return judge(settings, changed, [...new Set(writing)]);
  });
}

async function settingsChanged({ client }: Session, settings: readonly Setting[]): Promise<readonly string[]> {
  const present = await readSettings(client, settings);
  return present
    .filter(({ value }) => value !== HELD_VALUE)
    .map((setting) => `${SETTING} of ${placeWords(setting)}: ${valueWords(setting.value)}`);
}

/** None where the hold was taken as it should: it ends them all. */
async function fromBefore({ client }: Session, held: readonly HeldSessions[]): Promise<readonly string[]> {
  const found = await Promise.all(
    held.map(({ roles, from }) => listSessions(client, { roles, connected: { from: null, until: from } })),
  );
  return found.flat().map((one) => `${describeBackend(one)} connected before`);
}

// Only what writes gets a transaction id, whichever table it writes to.
const WITH_ID = `select a.pid, ${BACKEND_COLUMNS} from pg_stat_activity a join pg_roles r on r.oid = a.usesysid
  where ${IN_SCOPE} and a.backend_xid is not null order by a.backend_start`;

async function seenWriting(
  context: HoldContext,
  { client }: Session,
  held: readonly HeldSessions[],
): Promise<readonly string[]> {
  const { offenders } = await sampleQuiet(client, await heldScope(context));
  // Reads go on under this drain, and a long one is no traffic that came back.
  const onTables = offenders.filter(({ why }) => why !== 'long transaction').map(describeOffender);
  const anywhere: string[] = [];
  for (const { roles } of held) {
    const { rows } = await client.query<BackendInfo>(WITH_ID, [roles]);
    anywhere.push(...rows.filter(({ pid }) => !offenders.some((one) => one.pid === pid)).map(writes));
  }
  return [...onTables, ...anywhere];
}

function writes(backend: BackendInfo): string {
  return `${describeBackend(backend)} writes in this database`;
}

function judge(settings: readonly Setting[], changed: readonly string[], writing: readonly string[]): HeldOutcome {
  const evidence: Evidence[] = [
    fact('settings that stand', `${settings.length - changed.length}`, `${settings.length}`),
    fact('sessions that write', writing.join('\n') || 'nobody', 'nobody'),
  ];
  const problem = settings.length === 0 ? nothingHeld() : changed.length > 0 ? notSet(changed) : backAgain(writing);
  if (problem) return { kind: 'broken', problem: { retry: 'stop', ...problem }, evidence };
  return { kind: 'held', how: 'sessions are read-only, and nobody was seen writing', evidence };
}

function nothingHeld(): ProblemInput {
  return {
    code: 'hold-lost',
    message: 'this run keeps no session from writing',
    found: 'nothing is noted as made read-only',
    expected: 'the settings that this run has turned',
    next: 'run `check`: it tells whether traffic is back; then start the run again',
  };
}

function notSet(changed: readonly string[]): ProblemInput {
  return {
    code: 'drain-settings-changed',
    message: 'somebody has changed the settings that make sessions read-only',
    found: changed.join('\n'),
    expected: `${SETTING} = ${HELD_VALUE} until this run lets go`,
    next: 'find out who, set it again or let the run be undone, and retry this step',
  };
}

function backAgain(writing: readonly string[]): ProblemInput | undefined {
  if (writing.length === 0) return undefined;
  return {
    code: 'not-quiet',
    message: 'somebody writes while the run is at work',
    found: writing.join('\n'),
    expected: 'sessions that only read',
    next: 'stop these sessions or what they belong to, and retry this step',
  };
}
