/** The items of the drain window, in their order: known before the window opens, so that a plan can list them. */
import type { Consumer } from '../../model/consumer.ts';
import type { ItemRef } from '../../model/event.ts';
import type { Plan } from '../../model/plan.ts';

export const HOLD: ItemRef = { phase: 'window', id: 'hold', title: 'Hold traffic' };
export const QUIET: ItemRef = { phase: 'window', id: 'drain', title: 'Prove quiet over the drain time' };
export const FINGERPRINT: ItemRef = {
  phase: 'window',
  id: 'fingerprint',
  title: 'Take the fingerprint to come back to',
};
export const RESTORE_POINT: ItemRef = { phase: 'window', id: 'restore-point', title: 'Write a restore point' };

export function pauseItem({ name }: Consumer): ItemRef {
  return { phase: 'window', id: `pause-${name}`, title: `Pause ${name}` };
}

export function resumeItem({ name }: Consumer): ItemRef {
  return { phase: 'release', id: `resume-${name}`, title: `Resume ${name}` };
}

/** `restorePoint`: whether this run writes one; runs of earlier versions did not. */
export function windowItems({ target }: Plan, restorePoint: 'written' | 'none'): readonly ItemRef[] {
  const pauses = (target.consumers ?? []).map(pauseItem);
  return [...pauses, HOLD, QUIET, FINGERPRINT, ...(restorePoint === 'written' ? [RESTORE_POINT] : [])];
}
