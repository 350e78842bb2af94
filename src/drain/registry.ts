/** Which code keeps traffic away, by the kind that the target names. */
import { assertNever } from '../model/assert-never.ts';
import type { Drain } from '../model/drain.ts';
import type { Hold } from './hold.ts';
import { observe } from './observe.ts';
import { pgbouncer } from './pgbouncer/pgbouncer.ts';
import { readOnly } from './read-only/read-only.ts';

export function holdFor(drain: Drain): Hold {
  switch (drain.kind) {
    case 'observe':
      return observe;
    case 'pgbouncer':
      return pgbouncer;
    case 'read-only':
      return readOnly;
    default:
      return assertNever(drain);
  }
}
