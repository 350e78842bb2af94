/** The drain by making sessions read-only. */
import type { Hold } from '../hold.ts';

export const readOnly: Hold = {
  hold: async () => {
    throw new TypeError('read-only: being built');
  },
  held: async () => {
    throw new TypeError('read-only: being built');
  },
  release: async () => {
    throw new TypeError('read-only: being built');
  },
};
