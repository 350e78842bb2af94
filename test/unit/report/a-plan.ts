/** A plan of two migrations and a seed, as a worker would make it: for everything that renders plans. */
import type { Plan, PlannedMigration } from '../../../src/model/plan.ts';

const hex = (digit: string): string => digit.repeat(64);

export const PLAN_DIGEST = `3f9c2a71b0de${'4'.repeat(52)}`;
export const FINGERPRINT = `a1b2c3d4e5f6${'0'.repeat(52)}`;

export const SCHEMA_MIGRATION: PlannedMigration = {
  version: '001',
  name: 'schema',
  file: 'migrations/communication/001_schema.up.sql',
  upChecksum: hex('1'),
  downChecksum: hex('2'),
};

export const CHANNELS_MIGRATION: PlannedMigration = {
  version: '002',
  name: 'channels',
  file: 'migrations/communication/002_channels.up.sql',
  upChecksum: hex('5'),
  downChecksum: hex('6'),
};

export const PLAN: Plan = {
  operation: 'run',
  runbook: { name: 'communication', title: 'Communication schema migration', digest: hex('b') },
  target: {
    name: 'demo',
    environment: 'demo',
    urlSource: 'environment variable DRYDOCK_DEMO_DATABASE_URL',
    replicas: { expected: 1 },
    backups: { archives: ['.drydock/demo/backups/*.dump'] },
    seeds: true,
    window: { drainMs: 5000 },
    drain: { kind: 'observe' },
    onUndoFailed: 'hold',
    holdAtMostMs: 3_600_000,
    saveDirectory: '.drydock/saved',
  },
  identity: {
    systemIdentifier: '7312345678901234567',
    database: 'app',
    user: 'migrator',
    serverVersion: 150_018,
    timeline: 1,
  },
  ledger: { schema: 'communication', applied: [], unfinished: null },
  checklist: [
    { id: 'primary', title: 'The database answers and is the primary', waivable: false },
    { id: 'dump-archives', title: 'A logical backup can be read to its end', waivable: true },
    { id: 'replica-lag', title: 'Every read replica is less than 5 seconds behind', waivable: false },
  ],
  window: { approvalTimeoutMs: 14_400_000, drainMs: 5000, drainTimeoutMs: 120_000 },
  steps: [
    { kind: 'status', id: 'status-before', title: 'The ledger is as planned', expect: 'before' },
    {
      kind: 'apply',
      id: 'migrate-001',
      title: 'Apply 001_schema',
      migration: SCHEMA_MIGRATION,
      impact: { locks: [], work: [] },
    },
    {
      kind: 'apply',
      id: 'migrate-002',
      title: 'Apply 002_channels',
      migration: CHANNELS_MIGRATION,
      impact: {
        locks: [
          { table: 'core.organizations', mode: 'SHARE ROW EXCLUSIVE' },
          { table: 'core.users', mode: 'SHARE ROW EXCLUSIVE' },
        ],
        work: [{ table: 'core.users', work: 'scan' }],
      },
    },
    {
      kind: 'seed',
      id: 'seed-channels',
      title: 'Seed the channels',
      module: 'src/data/communication/seed-channels.ts',
      moduleDigest: hex('c'),
    },
  ],
  validation: [
    { id: 'structural', title: 'Every table exists' },
    { id: 'smoke', title: 'A sample message reaches an unread inbox' },
  ],
  digest: PLAN_DIGEST,
  manners: [
    {
      step: 'migrate-001',
      transaction: 'auto',
      parts: [{ kind: 'transaction', lockPolicy: 'free' }],
      undoable: 'yes',
      opaque: 0,
    },
    {
      step: 'migrate-002',
      transaction: 'auto',
      parts: [
        { kind: 'transaction', lockPolicy: 'blocking' },
        { kind: 'alone', lockPolicy: 'patient' },
      ],
      undoable: 'loses data',
      opaque: 1,
    },
  ],
  limits: {
    lockTimeoutMs: 500,
    totalMs: 120_000,
    concurrentLockTimeoutMs: 1_800_000,
    statementTimeoutMs: 900_000,
  },
  touched: [
    { table: 'core.organizations', rows: null, bytes: 24_576 },
    { table: 'core.users', rows: 1_234_567, bytes: 356_515_840 },
  ],
};
