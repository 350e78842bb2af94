/** Placeholders of a runbook and of a target: what they may be, whose value counts, and what they change in a digest. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillPlaceholders } from '../../../src/migrator/placeholders.ts';
import { rehearsalDigest } from '../../../src/migrator/rehearsal/plan-digest.ts';
import { directoryOf } from '../../../src/migrator/runbook-directory.ts';
import { loadRunbook } from '../../../src/runbook/load.ts';
import { onTarget } from '../../../src/runbook/on-target.ts';
import { findTarget, loadTargets } from '../../../src/runbook/targets.ts';
import { type Checkout, makeCheckout, problemOf } from './checkout.ts';

const RUNBOOK = `version: 1
name: small
title: Small
schemas: [app]
ledgerSchema: app
migrations: { directory: migrations }
checklist: [{ id: primary, title: Primary, check: primary }]
execution: [{ id: migrate, title: Migrate, step: migrate }]
`;
const TARGETS = `version: 1
targets:
  plain: { environment: test, url: { env: A } }
  own:
    environment: test
    url: { env: A }
    placeholders: { kind: letter, more: '' }
`;

describe('placeholders', () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await makeCheckout({ 'drydock.yaml': TARGETS, 'migrations/001_a.up.sql': 'select 1;' });
  });
  afterAll(() => checkout.remove());

  const load = async (added: string) => {
    await checkout.write('runbooks/small.yaml', `${RUNBOOK}${added}`);
    return loadRunbook('small', checkout.root);
  };
  const target = (name: string) => findTarget(name, checkout.root);

  it('are no part of a runbook that has none, nor of its digest, whatever the target says', async () => {
    const loaded = await load('');
    expect(loaded.definition).not.toHaveProperty('placeholders');
    // What it was before there were placeholders: runs that are under way compare it.
    expect(loaded.digest).toBe('ee8afe8d14d439640070cbcfeb818ffd6dbc3cd4a62a378b265733f845644ada');
    expect(onTarget(loaded, await target('own'))).toBe(loaded);
    expect(directoryOf(loaded.definition, '/root')).toEqual({ directory: 'migrations', root: '/root' });
  });

  it('have the values of the target over those of the runbook, and another digest for it', async () => {
    const loaded = await load('placeholders: { kind: memo, size: "10" }\n');
    expect(onTarget(loaded, await target('plain'))).toBe(loaded);
    const there = onTarget(loaded, await target('own'));
    expect(there.definition.placeholders).toEqual({ kind: 'letter', size: '10', more: '' });
    expect(there.digest).not.toBe(loaded.digest);
    expect(loaded.definition.placeholders).toEqual({ kind: 'memo', size: '10' });
    expect(directoryOf(there.definition, '/root')).toEqual({
      directory: 'migrations',
      root: '/root',
      placeholders: { kind: 'letter', size: '10', more: '' },
      placeholdersIn: 'runbooks/small.yaml',
    });
  });

  it('may all come from targets', async () => {
    const loaded = await load('placeholders: {}\n');
    expect(loaded.definition.placeholders).toEqual({});
    expect(onTarget(loaded, await target('own')).definition.placeholders).toEqual({ kind: 'letter', more: '' });
  });

  it('are refused with their places where they are no names, no texts or of several lines', async () => {
    const broken = 'placeholders:\n  a b: x\n  "{c}": x\n  d: 5\n  e: "one\\ntwo"\n  f:\n';
    expect(await problemOf(load(broken))).toMatchObject({
      code: 'runbook-invalid',
      found: [
        'runbooks/small.yaml:10:3: "a b": a placeholder has a name without spaces, braces and "="',
        'runbooks/small.yaml:11:3: "{c}": a placeholder has a name without spaces, braces and "="',
        'runbooks/small.yaml:12:6: d: a value is a text: put it in quotes',
        'runbooks/small.yaml:13:6: e: a value is one line',
        'runbooks/small.yaml:14:5: f: a value is a text: put it in quotes',
      ].join('\n'),
    });
    const other = await makeCheckout({ 'drydock.yaml': TARGETS.replace('{ kind: letter,', '{ a=b: x, kind: 5,') });
    expect(await problemOf(loadTargets(other.root))).toMatchObject({
      code: 'targets-invalid',
      found: [
        'drydock.yaml:7:21: "a=b": a placeholder has a name without spaces, braces and "="',
        'drydock.yaml:7:35: kind: a value is a text: put it in quotes',
      ].join('\n'),
    });
    await other.remove();
  });
});

describe('a rehearsal', () => {
  it('is one of these values only, though the checksums are those of the files', () => {
    const written = { path: 'a.sql', sql: `select '\${kind}'`, checksum: 'c' };
    const planned = (kind: string) => {
      const { file: up } = fillPlaceholders(written, { kind }, 'outside-bodies');
      return {
        migrations: [
          { state: 'pending', version: '001', row: null, file: { version: '001', name: 'a', up, down: null } },
        ],
      } as const;
    };
    expect(rehearsalDigest(planned('memo'))).toBe(rehearsalDigest(planned('memo')));
    expect(rehearsalDigest(planned('memo'))).not.toBe(rehearsalDigest(planned('letter')));
  });
});
