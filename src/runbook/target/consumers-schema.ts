/** `consumers:` of a target. */
import { z } from 'zod';
import type { Consumer } from '../../model/consumer.ts';

export const consumersSchema = z.array(z.never()).optional();

export function consumersOf(entry: NonNullable<z.output<typeof consumersSchema>>): readonly Consumer[] {
  return entry;
}
