import { afterAll, describe, expect, it } from 'vitest';
import { findTarget, loadTargets } from '../../../src/runbook/targets.ts';
import { type Checkout, makeCheckout, problemOf } from './checkout.ts';

const checkouts: Checkout[] = [];
afterAll(async () => {
  for (const checkout of checkouts) await checkout.remove();
});

async function withDrain(drain: string): Promise<Checkout> {
  const text = `version: 1\ntargets:\n  edge:\n    environment: test\n    url: { env: EDGE_URL }\n    drain:\n${drain.replace(/^/gm, '      ')}\n`;
  const checkout = await makeCheckout({ 'drydock.yaml': text });
  checkouts.push(checkout);
  return checkout;
}

describe('a drain at poolers', () => {
  it('has defaults for all but the poolers', async () => {
    const { root } = await withDrain(
      'kind: pgbouncer\npoolers:\n  - { name: one, admin: { env: ONE }, database: app }\n  - { name: two, admin: { file: /run/two }, database: app }',
    );
    expect((await findTarget('edge', root)).view.drain).toEqual({
      kind: 'pgbouncer',
      leaseMs: 30_000,
      poolers: [
        { name: 'one', admin: { env: 'ONE' }, database: 'app' },
        { name: 'two', admin: { file: '/run/two' }, database: 'app' },
      ],
      pauseTimeoutMs: 30_000,
      queryWaitTimeout: 'keep',
    });
  });

  it('takes everything that can be said', async () => {
    const { root } = await withDrain(
      'kind: pgbouncer\nlease: 10s\npauseTimeout: 2m\nqueryWaitTimeout: lift\npoolers: [{ name: one, admin: { env: ONE }, database: app }]',
    );
    expect((await findTarget('edge', root)).view.drain).toMatchObject({
      leaseMs: 10_000,
      pauseTimeoutMs: 120_000,
      queryWaitTimeout: 'lift',
    });
  });

  it('is refused with every line that is wrong', async () => {
    const { root } = await withDrain(
      [
        'kind: pgbouncer',
        'lease: 1s',
        'queryWaitTimeout: lft',
        'poolers:',
        "  - { name: one, admin: 'postgres://admin:hunter2@pooler/pgbouncer', database: app }",
        '  - { name: Two, admin: { env: TWO } }',
      ].join('\n'),
    );
    const { code, found } = await problemOf(loadTargets(root));
    expect([code, found]).toEqual(['targets-invalid', expect.not.stringContaining('hunter2')]);
    expect(found).toMatchInlineSnapshot(`
      "drydock.yaml:8:14: lease: a lease is 10s to 10m, 30s where nothing is said: a shorter one runs out while a dead worker's place is taken, and the run is undone
      drydock.yaml:9:25: queryWaitTimeout: expected one of keep, lift, found "lft"; did you mean "lift"?
      drydock.yaml:11:31: admin: a URL is a secret and does not belong in this file: write { env: NAME } for an environment variable of the worker, or { file: path } for a secret that is mounted as a file
      drydock.yaml:12:11: missing key "database"
      drydock.yaml:12:19: name: a name is lower-case letters, digits and dashes, and starts with a letter"
    `);
  });

  it.each(['9s', '9999ms', '2s', '601s', '11m'])('is refused with a lease of %s', async (lease) => {
    const { root } = await withDrain(
      `kind: pgbouncer\nlease: ${lease}\npoolers: [{ name: one, admin: { env: ONE }, database: app }]`,
    );
    expect((await problemOf(loadTargets(root))).found).toContain(
      'drydock.yaml:8:14: lease: a lease is 10s to 10m, 30s',
    );
  });

  it('is refused without a pooler, and with two of one name', async () => {
    const none = await withDrain('kind: pgbouncer\npoolers: []');
    expect((await problemOf(loadTargets(none.root))).found).toContain('poolers: this list is empty');
    const one = '{ name: one, admin: { env: ONE }, database: app }';
    const twice = await withDrain(`kind: pgbouncer\npoolers: [${one}, ${one}]`);
    expect((await problemOf(loadTargets(twice.root))).found).toContain('two poolers have the same name');
  });
});
