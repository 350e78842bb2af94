/** Which code lets go of a thing that is held, by its kind. */
import { assertNever } from '../model/assert-never.ts';
import { letGoOfConsumer } from './consumers/resume.ts';
import type { HeldThing, LetGoContext } from './held-thing.ts';
import { letGoOfPooler } from './pgbouncer/let-go.ts';
import { letGoOfReadOnly } from './read-only/let-go.ts';

/** Puts one thing back as it was, and gives one line about it. Its note is the caller's to forget. Errors: those of its kind. */
export async function letGo(thing: HeldThing, context: LetGoContext): Promise<string> {
  switch (thing.kind) {
    case 'pooler':
      return letGoOfPooler(thing, context);
    case 'consumer':
      return letGoOfConsumer(context, thing);
    case 'read-only':
      return letGoOfReadOnly(context, thing);
    default:
      return assertNever(thing.kind);
  }
}

/** `pooler main`, `consumer billing`, `read-only database`. */
export function thingName({ kind, name }: Pick<HeldThing, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}
