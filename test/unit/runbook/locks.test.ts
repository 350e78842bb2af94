import { describe, expect, it } from 'vitest';
import { loadTargets } from '../../../src/runbook/targets.ts';
import { makeCheckout, problemOf } from './checkout.ts';

const target = (locks: string) => `version: 1
targets:
  small:
    environment: development
    url: { env: SMALL_URL }
    locks:
${locks}`;

async function locksOf(locks: string) {
  const checkout = await makeCheckout({ 'drydock.yaml': target(locks) });
  try {
    return await loadTargets(checkout.root).then(
      ([one]) => one!.view.locks,
      (error: unknown) => problemOf(Promise.reject(error)),
    );
  } finally {
    await checkout.remove();
  }
}

describe('locks of a target', () => {
  it('are durations and an allow list, and what is left out is left to the migrator', async () => {
    expect(
      await locksOf(`      lockTimeout: 250ms
      statementTimeout: 0s
      cancelBlockers:
        - { application: report-*, after: 10s, action: cancel }
        - { user: batch, application: nightly, after: 1m, action: terminate, grace: 30s }
`),
    ).toEqual({
      lockTimeoutMs: 250,
      statementTimeoutMs: 0,
      cancelBlockers: [
        { application: 'report-*', afterMs: 10_000, action: 'cancel', graceMs: 5_000 },
        { user: 'batch', application: 'nightly', afterMs: 60_000, action: 'terminate', graceMs: 30_000 },
      ],
    });
    expect(await locksOf('      { giveUpAfter: 5m, concurrentWait: 2h, migratorWait: 1m }\n')).toEqual({
      giveUpAfterMs: 300_000,
      concurrentWaitMs: 7_200_000,
      migratorWaitMs: 60_000,
    });
  });

  it('name somebody, and never everybody', async () => {
    expect(
      await locksOf(`      lockTimeout: 250
      cancelBlockers:
        - { application: '*', after: 10s, action: cancel }
        - { after: 10s, action: cancel }
        - { user: app, after: 10s, action: kill }
`),
    ).toMatchObject({
      code: 'targets-invalid',
      found: `drydock.yaml:7:20: lockTimeout: a duration needs a number and a unit, such as 500ms, 5s, 5m, 4h or 1h30m
drydock.yaml:9:26: application: a name, or the beginning of one followed by *: report-*; a lone * would be everybody
drydock.yaml:10:11: give "application", "user" or both
drydock.yaml:11:44: action: expected one of cancel, terminate, found "kill"`,
    });
  });
});
