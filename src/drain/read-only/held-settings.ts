/**
 * The two kinds of notes that this drain leaves, in the order in which they are made: the former value of each place, and from
 * when on sessions may have been made read-only by it. The second one is enough to put everything back.
 */
import { ProblemError } from '../../model/problem.ts';
import type { HeldThing } from '../held-thing.ts';
import type { Roles } from './scope.ts';
import type { Place, Setting } from './setting.ts';

/** `former` of the note on sessions. */
export interface HeldSessions {
  readonly roles: Roles;
  /** Before anything was turned, by the server's clock. */
  readonly from: string;
  /** How long busy sessions may go on when it is let go. */
  readonly endAfterMs: number;
  readonly settings: readonly Setting[];
}

export type ReadOnlyNote =
  | { readonly kind: 'setting'; readonly former: Setting }
  | { readonly kind: 'sessions'; readonly former: HeldSessions };

export function settingThing(former: Setting): HeldThing {
  return { kind: 'read-only', name: placeName(former), former };
}

/** A later hold that takes this one over may be about other roles: both notes then count. */
export function sessionsThing(former: HeldSessions): HeldThing {
  const name = former.roles === null ? 'all sessions' : `sessions of ${former.roles.join(', ')}`;
  return { kind: 'read-only', name, former };
}

/** `database`, or the role; one that could be taken for another note is put in quotes. */
function placeName({ role }: Place): string {
  if (role === null) return 'database';
  return /^(database$|all sessions$|sessions of |")/.test(role) ? `"${role}"` : role;
}

/** Error: `hold-note-unreadable`. */
export function readNote({ name, former }: Pick<HeldThing, 'name' | 'former'>): ReadOnlyNote {
  if (isSessions(former)) return { kind: 'sessions', former };
  if (isSetting(former)) return { kind: 'setting', former };
  throw new ProblemError({
    code: 'hold-note-unreadable',
    message: `the note on ${name}, which was made read-only, is not understood`,
    found: JSON.stringify(former),
    expected: 'a note of the drain `read-only`, of this version of Drydock',
    next: 'look at drydock.held_things, put default_transaction_read_only back by hand, and delete the row',
  });
}

function isSetting(value: unknown): value is Setting {
  return isObject(value) && isTextOrNull(value.role) && isTextOrNull(value.value);
}

function isSessions(value: unknown): value is HeldSessions {
  if (!isObject(value)) return false;
  const { roles, from, endAfterMs, settings } = value;
  const rolesFit = roles === null || (Array.isArray(roles) && roles.every((role) => typeof role === 'string'));
  const restFits = typeof from === 'string' && typeof endAfterMs === 'number';
  return rolesFit && restFits && Array.isArray(settings) && settings.every(isSetting);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
