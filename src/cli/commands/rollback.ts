/** `rollback`: one step back, the most recent one. Rows that would be lost are saved first. */
import type { CommandSpec } from '../command.ts';

/** The switch that rollback and reset share. */
export const ALLOW_DATA_LOSS = ['--allow-data-loss', 'do not save the rows that are dropped'] as const;

export const rollbackCommand: CommandSpec<{ readonly allowDataLoss?: boolean }> = {
  name: 'rollback',
  about: 'Undo the most recent migration by its mirror, or clear what an unfinished one left. Rows are saved first.',
  options: [ALLOW_DATA_LOSS],
  work: async (call, { allowDataLoss }) => {
    const migrator = await call.migrator({ dataLoss: allowDataLoss ? 'drop-rows-unsaved' : 'save-rows' });
    return { json: await migrator.rollback(), text: '' };
  },
};
