import { expect, test } from 'vitest';
import { describeEnding } from '../../../src/dev/describe-ending.ts';
import { describeProgress, type StackEvent } from '../../../src/dev/progress.ts';

const EVENTS: readonly StackEvent[] = [
  { kind: 'postgres-source-passed', source: 'PATH', reason: 'no folder there has initdb, pg_ctl and postgres' },
  { kind: 'postgres-copying', to: '/var/tmp/drydock-0/postgres/15.18' },
  { kind: 'postgres-initialising', version: '15.18', dataDir: '/tmp/drydock-postgres-a/data' },
  { kind: 'postgres-ready', version: '15.18', port: 5432, elapsedMs: 1_234 },
  { kind: 'temporal-source-passed', source: 'the cache', reason: 'nothing at /cache/temporal' },
  { kind: 'temporal-downloading', version: '1.5.1', elapsedMs: 12_000 },
  { kind: 'temporal-building', version: '1.5.1', packages: 812, elapsedMs: 125_400 },
  { kind: 'temporal-waiting', builderPid: 77, elapsedMs: 59_499 },
  { kind: 'temporal-found', source: 'the cache', path: '/cache/temporal', version: '1.5.1 (Server 1.29.1, UI 2.42.1)' },
  { kind: 'temporal-ready', address: '127.0.0.1:7233', uiUrl: 'http://127.0.0.1:8233', elapsedMs: 900 },
  { kind: 'temporal-ready', address: 'temporal:7233', uiUrl: undefined, elapsedMs: 0 },
];

test('what the starting stack says is worded like this', () => {
  expect(EVENTS.map(describeProgress)).toEqual([
    'PostgreSQL: not from PATH: no folder there has initdb, pg_ctl and postgres',
    'PostgreSQL: copying its programs to /var/tmp/drydock-0/postgres/15.18, where its own user can run them',
    'PostgreSQL 15.18: making a cluster in /tmp/drydock-postgres-a/data',
    'PostgreSQL 15.18: ready on 127.0.0.1:5432 (1.2 s)',
    'Temporal: not from the cache: nothing at /cache/temporal',
    'Temporal: downloading the Temporal CLI 1.5.1, once (12 s)',
    'Temporal: building the Temporal CLI 1.5.1 with Go, once, about four minutes on two cores (2 min 05 s, 812 packages compiled)',
    'Temporal: waiting for process 77, which is building the Temporal CLI (59 s)',
    'Temporal: using /cache/temporal, from the cache (1.5.1 (Server 1.29.1, UI 2.42.1))',
    'Temporal: ready on 127.0.0.1:7233, UI on http://127.0.0.1:8233 (0.9 s)',
    'Temporal: ready on temporal:7233 (0.0 s)',
  ]);
});

test('why a command ends is worded like this', () => {
  expect(
    [
      describeEnding({ kind: 'finished' }),
      describeEnding({ kind: 'failed' }),
      describeEnding({ kind: 'interrupted', interrupt: 'SIGINT' }),
      describeEnding({ kind: 'parent-lost', parent: 'npm exec pnpm@10.34.9 demo' }),
    ].join('\n'),
  ).toBe(`Ending what was started.
Ending what was started.
SIGINT: ending what was started (once more: at once).
The command that started this is gone (npm exec pnpm@10.34.9 demo): ending what was started.`);
});
