/** `status`: which migrations are applied and which tables exist. It creates nothing. */
import { statusText } from '../../report/migrator/status-text.ts';
import type { CommandSpec } from '../command.ts';

export const statusCommand: CommandSpec<{ readonly exitCode?: boolean }> = {
  name: 'status',
  about: 'Show every migration with [x] or [ ], and which tables exist. Changes nothing.',
  options: [
    [
      '--exit-code',
      'exit with 3 where a migration is pending, files and ledger differ, or the schema was changed by hand',
    ],
  ],
  work: async (call, { exitCode }) => {
    const status = await (await call.migrator()).status();
    const behind =
      status.problems.length > 0 ||
      status.drift.kind === 'drifted' ||
      status.migrations.some(({ state }) => state !== 'applied');
    return {
      json: status,
      text: statusText(status, call.palette),
      exitCode: exitCode && behind ? 3 : 0,
    };
  },
};
