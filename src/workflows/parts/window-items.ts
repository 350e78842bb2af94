/** The items of the drain window, in their order: known before the window opens, so that a plan can list them. */
import type { ItemRef } from '../../model/event.ts';

export const HOLD: ItemRef = { phase: 'window', id: 'hold', title: 'Hold traffic' };
export const QUIET: ItemRef = { phase: 'window', id: 'drain', title: 'Prove quiet over the drain time' };
export const FINGERPRINT: ItemRef = {
  phase: 'window',
  id: 'fingerprint',
  title: 'Take the fingerprint to come back to',
};

export const WINDOW_ITEMS: readonly ItemRef[] = [HOLD, QUIET, FINGERPRINT];
