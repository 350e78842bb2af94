/** What a plan says about keeping traffic away, for each way of doing it. */
import { describe, expect, it } from 'vitest';
import type { TargetView } from '../../../src/model/target.ts';
import { holdLines } from '../../../src/report/hold-lines.ts';
import { PLAN } from './a-plan.ts';

const target = (change: Partial<TargetView>): TargetView => ({ ...PLAN.target, ...change });

describe('a plan says of its hold', () => {
  it('that someone else drains, and nothing else, where nothing is set up', () => {
    expect(holdLines(target({}))).toEqual(['someone else drains; this run proves that it is quiet']);
  });

  it('what is paused, held, watched and told, in the order in which it happens', () => {
    const all = target({
      consumers: [{ kind: 'command', name: 'mailer', timeoutMs: 60_000, pause: ['a'], resume: ['b'], status: ['c'] }],
      drain: {
        kind: 'pgbouncer',
        poolers: [{ name: 'edge', admin: { env: 'EDGE_ADMIN_URL' }, database: 'app' }],
        pauseTimeoutMs: 30_000,
        queryWaitTimeout: 'keep',
        leaseMs: 20_000,
      },
      replicas: { expected: 1, watch: { holdAboveMs: 5_000, resumeBelowMs: 1_000, giveUpAfterMs: 1_800_000 } },
      afterRelease: { forMs: 300_000, lockWaitMs: 5_000 },
      notify: [{ kind: 'command', name: 'pager', run: ['page'] }],
    });
    expect(holdLines(all)).toEqual([
      'paused: mailer (command)',
      'held at PgBouncer: edge (app); clients wait',
      'let go by itself 20 s after this run is last heard of',
      'between steps, waits while a replica is more than 5 s behind',
      'watched for 5 min once traffic is back',
      'told: pager',
    ]);
  });

  it('whose sessions become read-only', () => {
    const readOnly = { kind: 'read-only', endAfterMs: 30_000, leaseMs: 30_000 } as const;
    expect(holdLines(target({ drain: { ...readOnly, roles: ['app', 'jobs'] } }))[0]).toBe(
      'app, jobs read-only; writes are refused, idle sessions ended',
    );
    expect(holdLines(target({ drain: { ...readOnly, roles: [] } }))[0]).toBe(
      'everybody read-only; writes are refused, idle sessions ended',
    );
  });
});
