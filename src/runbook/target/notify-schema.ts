/** `notify:` of a target. */
import { z } from 'zod';
import type { Notifier } from '../../model/notification.ts';

export const notifySchema = z.array(z.never()).optional();

export function notifyOf(entry: NonNullable<z.output<typeof notifySchema>>): readonly Notifier[] {
  return entry;
}
