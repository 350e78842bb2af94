/**
 * The delivery and retention policies that every organisation starts with. Run alone:
 * `pnpm tsx src/data/communication/seed-policies.ts --url $URL [--undo] [--json]`.
 */
import { isEntryPoint } from '../entry-point.ts';
import type { Seed } from '../seed.ts';
import { migratedTable } from './requirements.ts';

const INSERT = `
INSERT INTO communication.policies
  (key, name, max_attempts, retry_delay, retry_delay_max, give_up_after, message_retention)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (key) WHERE organization_id IS NULL DO NOTHING
RETURNING id`;

/** Key, name, attempts, first wait, longest wait, given up after, kept for (null: for ever). */
const POLICIES = [
  ['default', 'Default', 8, '30 seconds', '6 hours', '3 days', null],
  ['urgent', 'Urgent: tried often, for a short time', 12, '5 seconds', '10 minutes', '2 hours', null],
  ['bulk', 'Bulk: tried seldom, kept for half a year', 4, '10 minutes', '12 hours', '2 days', '180 days'],
] as const;

const seed: Seed = {
  name: 'policies',
  table: 'communication.policies',
  requires: [migratedTable('communication.policies')],
  rows: () => POLICIES.map((values) => ({ insert: INSERT, values })),
};

export default seed;

if (isEntryPoint(import.meta.url, process.argv[1])) {
  const { runSeedCommand } = await import('../../cli/commands/seed.ts');
  process.exitCode = await runSeedCommand({ runbook: 'communication', seed }, process.argv.slice(2));
}
