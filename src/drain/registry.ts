/** Which code keeps traffic away, by the kind that the target names. */
import { assertNever } from '../model/assert-never.ts';
import type { TargetView } from '../model/target.ts';
import type { Hold } from './hold.ts';
import { observe } from './observe.ts';

export function holdFor({ kind }: TargetView['drain']): Hold {
  switch (kind) {
    case 'observe':
      return observe;
    default:
      return assertNever(kind);
  }
}
