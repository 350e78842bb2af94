/** The words for why a command with servers ends. Pure. */
import { assertNever } from '../model/assert-never.ts';
import type { Ending } from './reaper/lifetime.ts';

/** One line, without a line break. */
export function describeEnding(ending: Ending): string {
  switch (ending.kind) {
    case 'finished':
    case 'failed':
      return 'Ending what was started.';
    case 'interrupted':
      return `${ending.interrupt}: ending what was started (once more: at once).`;
    case 'parent-lost':
      return `The command that started this is gone (${ending.parent}): ending what was started.`;
    default:
      return assertNever(ending);
  }
}
