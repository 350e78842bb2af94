/**
 * The channels that every organisation starts with. Run alone:
 * `pnpm tsx src/data/communication/seed-channels.ts --url $URL [--undo] [--json]`.
 */
import { isEntryPoint } from '../entry-point.ts';
import type { Seed } from '../seed.ts';
import { migratedTable } from './requirements.ts';

const INSERT = `
INSERT INTO communication.channels (key, kind, name)
VALUES ($1, $2, $3)
ON CONFLICT (key) WHERE organization_id IS NULL DO NOTHING
RETURNING id`;

/** Key, kind, name. */
const CHANNELS = [
  ['in_app', 'in_app', 'In the application'],
  ['email', 'email', 'E-mail'],
  ['sms', 'sms', 'Text message'],
  ['push', 'push', 'Push notification'],
] as const;

const seed: Seed = {
  name: 'channels',
  table: 'communication.channels',
  requires: [migratedTable('communication.channels')],
  rows: () => CHANNELS.map((values) => ({ insert: INSERT, values })),
};

export default seed;

if (isEntryPoint(import.meta.url, process.argv[1])) {
  const { runSeedCommand } = await import('../../cli/commands/seed.ts');
  process.exitCode = await runSeedCommand({ runbook: 'communication', seed }, process.argv.slice(2));
}
