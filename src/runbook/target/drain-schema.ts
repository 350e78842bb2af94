/** `drain:` of a target. */
import { z } from 'zod';
import type { Drain } from '../../model/drain.ts';

/** The kinds of drain this version knows. A new kind is a member here, in the model's Drain and a file in `src/drain`. */
export const drainSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('observe') }).meta({ description: 'Someone else drains; quiet is proven.' }),
  ])
  .default({ kind: 'observe' });

export function drainOf(entry: z.output<typeof drainSchema>): Drain {
  return entry;
}
