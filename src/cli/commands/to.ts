/** `to <version>`: up or down, so that exactly this migration is the last one applied; `to none`: down, so that none is. */
import { readMigrationFiles } from '../../migrator/files.ts';
import { meansNone } from '../../migrator/version-choice.ts';
import type { Answer, Call, CommandSpec } from '../command.ts';
import { CONFIRM, requireConfirmation } from '../confirm-production.ts';
import { LOCK_OPTIONS } from '../lock-flags.ts';
import { ALLOW_DATA_LOSS, DRY_RUN_BACK, dataLossOf } from './rollback.ts';

interface ToFlags {
  readonly allowDataLoss?: boolean;
  readonly confirm?: string;
  readonly dryRun?: boolean;
}

export const toCommand: CommandSpec<ToFlags> = {
  name: 'to',
  about: 'Go up or down to exactly this migration, or down to none. Going down, rows are saved first.',
  operands: [
    ['<version>', 'its number, or its number and name: 7, 007, 007_recipients; none, or 0: no migration at all'],
  ],
  options: [ALLOW_DATA_LOSS, DRY_RUN_BACK, CONFIRM, ...LOCK_OPTIONS],
  work: async (call, flags) => {
    const version = flags.operands[0]!;
    if (flags.dryRun) return showDryRun(call, version, flags);
    if (await leavesNone(call, version)) {
      const { confirm } = flags;
      requireConfirmation(await call.database(), { confirm, command: `to ${version}`, what: `going to ${version}` });
    }
    const moved = await (await call.migrator(dataLossOf(flags))).moveTo(version);
    return { json: moved, text: movedText(moved.reverted.length, moved.applied.length) };
  },
};

/** Files are read only where they decide it. */
async function leavesNone({ set }: Call, version: string): Promise<boolean> {
  return meansNone([], version) && (version === 'none' || meansNone(await readMigrationFiles(set), version));
}

/** Which way it goes is asked first: on the way up nothing has to be tried. */
async function showDryRun(call: Call, version: string, { allowDataLoss }: ToFlags): Promise<Answer> {
  const [{ readLedger, wayTo }, { showDryRunBack }, { showDryRun: showUp }] = await Promise.all([
    import('../../migrator/operations.ts'),
    import('../show-dry-run-back.ts'),
    import('../show-dry-run.ts'),
  ]);
  const way = await (await call.migrator()).look(async ({ client }, { files }) => {
    const { rows } = await readLedger(client, call.set.ledgerSchema);
    return wayTo(files, rows, version).kind;
  });
  return way === 'up'
    ? showUp(call, version)
    : showDryRunBack(call, { request: { kind: 'to', version }, allowDataLoss });
}

function movedText(reverted: number, applied: number): string {
  const did = reverted > 0 ? 'rolled back' : 'applied';
  const count = reverted + applied;
  return count === 0 ? '' : `${count} ${count === 1 ? 'migration' : 'migrations'} ${did}`;
}
