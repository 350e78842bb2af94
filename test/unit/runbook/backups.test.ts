import { describe, expect, it } from 'vitest';
import { type BackupPolicy, providersOf } from '../../../src/model/backups.ts';
import { findTarget, loadTargets } from '../../../src/runbook/targets.ts';
import { makeCheckout, problemOf } from './checkout.ts';

async function backupsOf(yaml: string): Promise<BackupPolicy> {
  const text = `version: 1\ntargets:\n  shop:\n    environment: test\n    url: { env: SHOP_URL }\n${yaml}`;
  const checkout = await makeCheckout({ 'drydock.yaml': text });
  try {
    return (await findTarget('shop', checkout.root)).view.backups;
  } finally {
    await checkout.remove();
  }
}

describe('the backups of a target', () => {
  it('are what they always were where nothing new is said, so that recorded plans keep their digests', async () => {
    expect(await backupsOf('')).toEqual({ archives: [] });
    expect(await backupsOf('    backups: { archives: [a/*.dump] }\n')).toEqual({ archives: ['a/*.dump'] });
  });

  it('hold every provider with its defaults', async () => {
    const policy = await backupsOf(`    backups:
      dumpDirectory: /backups/ours
      providers:
        - { kind: archives, paths: [/backups/nightly/*.dump] }
        - { kind: wal-archiving }
        - { kind: pgbackrest, stanza: main }
        - { kind: command, name: wal-g, proves: pitr, run: [bin/wal-g-backups, --json] }
`);
    expect(policy).toEqual({
      archives: [],
      dumpDirectory: '/backups/ours',
      providers: [
        { kind: 'archives', paths: ['/backups/nightly/*.dump'] },
        { kind: 'wal-archiving' },
        { kind: 'pgbackrest', stanza: 'main', program: 'pgbackrest', arguments: [], maxBackupAgeMs: 604_800_000 },
        { kind: 'command', name: 'wal-g', proves: 'pitr', run: ['bin/wal-g-backups', '--json'], timeoutMs: 60_000 },
      ],
    });
    expect(providersOf(policy, 'logical')).toEqual([
      { kind: 'archives', paths: ['/backups/ours/*.dump'] },
      { kind: 'archives', paths: ['/backups/nightly/*.dump'] },
    ]);
    expect(providersOf(policy, 'pitr').map(({ kind }) => kind)).toEqual(['wal-archiving', 'pgbackrest', 'command']);
  });

  it('are asked by archives and by the archiver of the server where no provider proves that kind', () => {
    expect(providersOf({ archives: ['a/*'] }, 'logical')).toEqual([{ kind: 'archives', paths: ['a/*'] }]);
    expect(providersOf({ archives: [] }, 'logical')).toEqual([]);
    const onlyLogical: BackupPolicy = { archives: [], providers: [{ kind: 'archives', paths: ['a/*'] }] };
    expect(providersOf(onlyLogical, 'pitr')).toEqual([{ kind: 'wal-archiving' }]);
  });

  it('are refused with their place where they say something wrong', async () => {
    const text = `version: 1
targets:
  shop:
    environment: test
    url: { env: SHOP_URL }
    backups:
      providers:
        - { kind: pgbackrst, stanza: main }
        - { kind: pgbackrest, stanza: main, maxBackupAge: 7 }
        - { kind: command, name: Wal G, proves: point, run: [] }
`;
    const checkout = await makeCheckout({ 'drydock.yaml': text });
    const { found } = await problemOf(loadTargets(checkout.root));
    await checkout.remove();
    expect(
      found,
    ).toBe(`drydock.yaml:8:19: kind: expected one of archives, wal-archiving, pgbackrest, command, found "pgbackrst"; did you mean "pgbackrest"?
drydock.yaml:9:59: maxBackupAge: a duration needs a number and a unit, such as 500ms, 5s, 5m, 4h or 1h30m
drydock.yaml:10:34: name: a name is lower-case letters, digits and dashes, and starts with a letter
drydock.yaml:10:49: proves: expected one of logical, pitr, found "point"
drydock.yaml:10:61: run: this list is empty`);
  });
});
