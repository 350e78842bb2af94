/** `plan` of migrations on a database, without Temporal: the same as `migrate --dry-run`. The plan of a run is in plan.ts. */
import type { CommandSpec } from '../command.ts';
import { showDryRun } from '../show-dry-run.ts';

export const planOnDatabaseCommand: CommandSpec = {
  name: 'plan',
  about: 'What migrate would do on a database: order, SQL and what stands in the way. Changes nothing.',
  work: (call) => showDryRun(call),
};
