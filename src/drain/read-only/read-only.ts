/**
 * The drain by making sessions read-only: new ones by the setting of their role or database, those that were there by ending
 * them. Reads go on. A session may set itself back to writing: that is seen where it writes, not prevented.
 */
import { count, fact } from '../../checks/outcome.ts';
import { withSession } from '../../checks/session.ts';
import type { Drain } from '../../model/drain.ts';
import { isProblemError } from '../../model/problem.ts';
import { systemClock } from '../../postgres/clock.ts';
import type { Session } from '../../postgres/connect.ts';
import type { Hold, HoldContext, HoldOutcome, ReleaseOutcome } from '../hold.ts';
import { requireLease } from '../lease/lease.ts';
import { readNote, sessionsThing, settingThing } from './held-settings.ts';
import { holdEvidence, howHeld } from './hold-words.ts';
import { putBackNote, requireGone } from './let-go.ts';
import { missingRights } from './rights.ts';
import { readScope, type Scope } from './scope.ts';
import { type Ended, endSessions, serverTime } from './sessions.ts';
import { HELD_VALUE, readSettings, type Setting } from './setting.ts';
import { lookHeld } from './still-held.ts';
import { turnWhileOurs } from './turn.ts';

type ReadOnlyDrain = Extract<Drain, { readonly kind: 'read-only' }>;

export const readOnly: Hold = { hold, held: lookHeld, release };

async function hold(context: HoldContext): Promise<HoldOutcome> {
  try {
    return await withSession(context, 'read-only', (session) => holdOn(context, session, drainOf(context)));
  } catch (error) {
    if (!isProblemError(error) || error.problem.code !== 'drain-role-missing') throw error;
    return { kind: 'refused', problem: error.problem, evidence: [] };
  }
}

async function holdOn(context: HoldContext, session: Session, drain: ReadOnlyDrain): Promise<HoldOutcome> {
  const { client } = session;
  const scope = await readScope(client, drain.roles);
  const problem = await missingRights(client, scope);
  if (problem) return { kind: 'refused', problem, evidence: [] };
  const former = await noteAll(context, session, scope);
  await turnWhileOurs(
    client,
    context.owner,
    former.map(({ role }) => ({ role, value: HELD_VALUE })),
  );
  const ended = await endEarlier(context, session, scope);
  const { token, expiresAt } = await requireLease(client, context.owner);
  const evidence = await holdEvidence(session, { scope, former, ended });
  return { kind: 'held', how: howHeld(scope, ended), lease: { token, expiresAt }, evidence };
}

/** Everything that letting go needs, before the first setting is turned. */
async function noteAll({ notes, target }: HoldContext, { client }: Session, scope: Scope): Promise<readonly Setting[]> {
  const from = await serverTime(client);
  const settings: Setting[] = [];
  for (const setting of await readSettings(client, scope.places)) {
    const { former } = await notes.note(settingThing(setting));
    // An earlier attempt may have turned it already: its note is the one that says what was before.
    settings.push(former as Setting);
  }
  const { endAfterMs } = drainOf({ target });
  await notes.note(sessionsThing({ roles: scope.roles, from, endAfterMs, settings }));
  return settings;
}

async function endEarlier(context: HoldContext, { client }: Session, { roles }: Scope): Promise<Ended> {
  const { clock = systemClock, signal, onProgress } = context;
  const connected = { from: null, until: await serverTime(client) };
  const { endAfterMs } = drainOf(context);
  const ended = await endSessions(client, { roles, connected, endAfterMs, clock, signal, onProgress });
  requireGone(ended);
  return ended;
}

async function release(context: HoldContext): Promise<ReleaseOutcome> {
  const things = (await context.notes.noted()).filter(({ kind }) => kind === 'read-only');
  if (things.length === 0) {
    const how = 'no session was made read-only by this run: there was nothing to put back';
    return { kind: 'nothing-was-held', how, evidence: [fact('drain', 'read-only')] };
  }
  // The note on sessions puts everything back by itself; what it ends must not come back read-only.
  const evidence = [];
  for (const thing of [...things].reverse()) {
    evidence.push(...(await putBackNote(context, thing)));
    await context.notes.forget(thing);
  }
  const places = things.filter((thing) => readNote(thing).kind === 'setting').length;
  const how = `sessions may write again: ${count(places, 'setting')} as before`;
  return { kind: 'released', how, evidence: [fact('drain', 'read-only'), ...evidence] };
}

function drainOf({ target }: Pick<HoldContext, 'target'>): ReadOnlyDrain {
  if (target.drain.kind !== 'read-only') throw new TypeError(`the drain of ${target.name} is ${target.drain.kind}`);
  return target.drain;
}
