import { describe, expect, it } from 'vitest';
import { findTarget, loadTargets } from '../../../src/runbook/targets.ts';
import { makeCheckout, problemOf } from './checkout.ts';

async function viewOf(lines: string) {
  const checkout = await makeCheckout({
    'drydock.yaml': `version: 1\ntargets:\n  shop:\n    environment: test\n    url: { env: SHOP_URL }\n${lines}`,
  });
  try {
    return (await findTarget('shop', checkout.root)).view;
  } finally {
    await checkout.remove();
  }
}

async function faultsOf(lines: string): Promise<readonly string[]> {
  const checkout = await makeCheckout({
    'drydock.yaml': `version: 1\ntargets:\n  shop:\n    environment: test\n    url: { env: SHOP_URL }\n${lines}`,
  });
  try {
    return (await problemOf(loadTargets(checkout.root))).found!.split('\n');
  } finally {
    await checkout.remove();
  }
}

describe('drain: read-only', () => {
  it('has defaults: everybody, 30 s to finish, a lease of 30 s', async () => {
    expect((await viewOf('    drain: { kind: read-only }\n')).drain).toEqual({
      kind: 'read-only',
      roles: [],
      endAfterMs: 30_000,
      leaseMs: 30_000,
    });
  });

  it('takes roles and times', async () => {
    const drain = '{ kind: read-only, roles: [app, reports], endAfter: 5s, lease: 1m }';
    expect((await viewOf(`    drain: ${drain}\n`)).drain).toEqual({
      kind: 'read-only',
      roles: ['app', 'reports'],
      endAfterMs: 5_000,
      leaseMs: 60_000,
    });
  });

  it('refuses roles that name nobody, and times without a unit', async () => {
    expect(await faultsOf(`    drain: { kind: read-only, roles: [''], endAfter: 5 }\n`)).toEqual([
      'drydock.yaml:6:39: this text is empty',
      'drydock.yaml:6:54: endAfter: a duration needs a number and a unit, such as 500ms, 5s, 5m, 4h or 1h30m',
    ]);
  });
});

describe('afterRelease', () => {
  it('is left out, or has defaults', async () => {
    expect((await viewOf('')).afterRelease).toBeUndefined();
    expect((await viewOf('    afterRelease: {}\n')).afterRelease).toEqual({ forMs: 300_000, lockWaitMs: 5_000 });
    expect((await viewOf('    afterRelease: { watch: 10m, lockWait: 1s }\n')).afterRelease).toEqual({
      forMs: 600_000,
      lockWaitMs: 1_000,
    });
  });

  it('refuses a watch without an end, and waits that no look would see', async () => {
    expect(await faultsOf('    afterRelease: { watch: 5h, lockWait: 1ms }\n')).toEqual([
      'drydock.yaml:6:28: watch: a watch is more than 0 and at most 4h',
      'drydock.yaml:6:42: lockWait: waits for locks are told from 100ms on',
    ]);
  });
});
