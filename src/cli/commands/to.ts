/** `to <version>`: up or down, so that exactly this migration is the last one applied. */
import type { CommandSpec } from '../command.ts';
import { LOCK_OPTIONS } from '../lock-flags.ts';
import { ALLOW_DATA_LOSS, dataLossOf } from './rollback.ts';

export const toCommand: CommandSpec<{ readonly allowDataLoss?: boolean }> = {
  name: 'to',
  about: 'Go up or down to exactly this migration. Going down, rows are saved first.',
  operands: [['<version>', 'its number, or its number and name: 7, 007, 007_recipients']],
  options: [ALLOW_DATA_LOSS, ...LOCK_OPTIONS],
  work: async (call, flags) => {
    const moved = await (await call.migrator(dataLossOf(flags))).moveTo(flags.operands[0]!);
    return { json: moved, text: movedText(moved.reverted.length, moved.applied.length) };
  },
};

function movedText(reverted: number, applied: number): string {
  const did = reverted > 0 ? 'rolled back' : 'applied';
  const count = reverted + applied;
  return count === 0 ? '' : `${count} ${count === 1 ? 'migration' : 'migrations'} ${did}`;
}
