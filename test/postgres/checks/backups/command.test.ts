import { beforeAll, describe, expect, it } from 'vitest';
import { checkLogicalBackup, checkPitrBackup } from '../../../../src/checks/backups/prove-backup.ts';
import type { CheckContext } from '../../../../src/checks/context.ts';
import type { BackupKind, BackupProvider } from '../../../../src/model/backups.ts';
import type { CheckOutcome } from '../../../../src/model/outcome.ts';
import { type BackupWorld, HOUR_MS, LOGICAL, PITR, setupBackups } from './world.ts';

let world: BackupWorld;

beforeAll(async () => {
  world = await setupBackups();
});

interface Asked {
  /** What Node runs. */
  readonly script: string;
  readonly proves?: BackupKind;
  readonly timeoutMs?: number;
  readonly more?: Partial<CheckContext>;
}

function providerFor({ script, proves = 'pitr', timeoutMs = 20_000 }: Asked): BackupProvider {
  return { kind: 'command', name: 'keeper', proves, run: [process.execPath, '-e', script], timeoutMs };
}

function ask(asked: Asked): Promise<CheckOutcome> {
  const context = world.asked({ archives: [], providers: [providerFor(asked)] }, asked.more);
  return asked.proves === 'logical' ? checkLogicalBackup(context, LOGICAL) : checkPitrBackup(context, PITR);
}

const reports = (...backups: object[]): string => `console.log(${JSON.stringify(JSON.stringify({ backups }))})`;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
const outcomeCode = async (asked: Asked): Promise<string | undefined> => (await ask(asked)).problem?.code;

describe('a backup by a command of the operator', () => {
  it('is proven by what it prints, as far as it says', async () => {
    const now = new Date();
    const script = reports({
      kind: 'pitr',
      finishedAt: new Date(now.getTime() - 24 * HOUR_MS).toISOString(),
      restorableUntil: new Date(now.getTime() - HOUR_MS).toISOString(),
      database: world.database.name,
      systemIdentifier: world.systemIdentifier,
      verified: true,
      reference: 'base_000000010000000000000002',
      size: 'passed over',
    });
    expect(await ask({ script, more: { now: () => now } })).toEqual({
      status: 'passed',
      summary: 'keeper reports base_000000010000000000000002, 1 h old',
      evidence: [
        { name: 'command keeper', value: 'proves it' },
        { name: 'command', value: `${process.execPath} -e ${script}`, limit: 'answers within 20 s' },
        { name: 'reported', value: '1 backup' },
        { name: 'backup', value: 'base_000000010000000000000002' },
        { name: 'finished', value: expect.stringMatching(/^\S+Z, 1 d ago$/) },
        { name: 'restorable until', value: expect.stringMatching(/^\S+Z, 1 h ago$/), limit: 'at most 4 h ago' },
        { name: 'database', value: world.database.name, limit: world.database.name },
        { name: 'system', value: world.systemIdentifier, limit: world.systemIdentifier },
        { name: 'verified', value: 'yes, by its word', limit: 'not "no"' },
        { name: 'dumps of ours still running', value: 'none', limit: 'none' },
      ],
      measuredAt: now.toISOString(),
    });
    expect((await ask({ script: reports({ kind: 'logical', finishedAt: ago(0) }), proves: 'logical' })).status).toBe(
      'passed',
    );
  });

  it('is not proven by one that is too old, still to come, unverified, or of something else', async () => {
    expect((await ask({ script: reports({ kind: 'pitr', finishedAt: ago(5 * HOUR_MS) }) })).problem).toEqual({
      retry: 'stop',
      code: 'backup-stale',
      message: 'the newest backup that keeper reports is too old',
      found: expect.stringMatching(/^finished \S+Z, 5 h ago$/),
      expected: 'at most 4 h ago',
      next: 'take a backup of this database, and retry this item',
    });
    const young = { kind: 'pitr', finishedAt: ago(0) };
    expect(await outcomeCode({ script: reports({ ...young, finishedAt: ago(-HOUR_MS) }) })).toBe(
      'backup-from-the-future',
    );
    expect(await outcomeCode({ script: reports({ ...young, verified: false }) })).toBe('backup-unverified');
    expect(await outcomeCode({ script: reports({ ...young, database: 'other' }) })).toBe('backup-of-another-database');
    expect(await outcomeCode({ script: reports({ ...young, systemIdentifier: '1' }) })).toBe(
      'backup-of-another-system',
    );
    expect(await outcomeCode({ script: reports({ ...young, kind: 'logical' }) })).toBe('backup-none');
    expect(await outcomeCode({ script: reports() })).toBe('backup-none');
  });

  it('is proven by an older one where the newest is of another database', async () => {
    const script = reports(
      { kind: 'pitr', finishedAt: ago(HOUR_MS), reference: 'ours' },
      { kind: 'pitr', finishedAt: ago(0), database: 'other', reference: 'theirs' },
    );
    expect((await ask({ script })).summary).toMatch(/^keeper reports ours, 1 h/);
  });

  it.each([
    ['nothing', '', 'it printed nothing'],
    ['no JSON', 'console.log("all is well")', /^no JSON: /],
    ['another shape', 'console.log("[]")', /^the document: /],
    [
      'wrong members',
      reports({ kind: 'base', finishedAt: 'yesterday' }),
      /^backups\.0\.kind: .*\nbackups\.0\.finishedAt: a moment is ISO 8601 with its offset, such as 2026-01-31T03:04:05Z$/,
    ],
    [
      'a number of too many digits',
      reports({ kind: 'pitr', finishedAt: ago(0), systemIdentifier: 7 }),
      /expected string/,
    ],
  ])('is not proven by a command that prints %s', async (_, script, why) => {
    const { problem } = await ask({ script });
    expect(problem).toMatchObject({
      code: 'backup-command-not-understood',
      message: 'what the command keeper printed cannot be read',
    });
    expect(problem?.found).toMatch(why);
  });

  it('is not proven by a command that fails, and its last words are told', async () => {
    const script = 'console.error("no bucket"); process.exit(3)';
    expect((await ask({ script })).problem).toEqual({
      retry: 'stop',
      code: 'backup-command-failed',
      message: 'the command keeper did not say which backups there are',
      found: 'exit code 3; its last words: no bucket',
      expected: 'exit code 0, and JSON on standard output',
      next: `run it by hand as the worker's user: ${process.execPath} -e ${script}; then retry this item`,
    });
    const missing = { ...providerFor({ script }), run: ['/nonexistent/keeper'] } as BackupProvider;
    const outcome = await checkPitrBackup(world.asked({ archives: [], providers: [missing] }), PITR);
    expect(outcome.problem?.found).toMatch(/^it could not be started: .*ENOENT/);
  });

  it('does not wait for a command that hangs, and ends what it has started', async () => {
    const script = `
      process.on('SIGTERM', () => {});
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      console.error(child.pid + ' started'); setInterval(() => {}, 1000)`;
    const { problem } = await ask({ script, timeoutMs: 700 });
    expect(problem?.code).toBe('backup-command-hangs');
    const pid = /^it was ended after 700 ms; its last words: (\d+) started$/.exec(problem?.found ?? '')?.[1];
    await expect.poll(() => isThere(Number(pid))).toBe(false);
  });

  it('stops when it is interrupted', async () => {
    const more = { signal: AbortSignal.timeout(500) };
    await expect(ask({ script: 'setInterval(() => {}, 1000)', more })).rejects.toMatchObject({
      problem: { code: 'interrupted' },
    });
  });
});

describe('several providers of one kind', () => {
  const good = (name: string): BackupProvider =>
    ({ ...providerFor({ script: reports({ kind: 'pitr', finishedAt: ago(0) }) }), name }) as BackupProvider;
  const bad = (name: string): BackupProvider =>
    ({ ...providerFor({ script: 'process.exit(1)' }), name }) as BackupProvider;

  it('are all asked, and one that proves it is enough', async () => {
    const outcome = await checkPitrBackup(world.asked({ archives: [], providers: [bad('one'), good('two')] }), PITR);
    expect(outcome.summary).toMatch(/^two reports a backup to a point in time, .* old \(1 of 2 providers prove it\)$/);
    expect(outcome.evidence.map(({ name, value }) => `${name}: ${value}`)).toEqual(
      expect.arrayContaining([
        'command one: does not prove it: the command one did not say which backups there are',
        'command two: proves it',
        'command two: reported: 1 backup',
      ]),
    );
  });

  it('fail together, each with its own reason and way out', async () => {
    const outcome = await checkPitrBackup(world.asked({ archives: [], providers: [bad('one'), bad('two')] }), PITR);
    const next = `run it by hand as the worker's user: ${process.execPath} -e process.exit(1); then retry this item`;
    const reason =
      'the command one did not say which backups there are (exit code 1; it said nothing on standard error)';
    expect(outcome.problem).toEqual({
      retry: 'stop',
      code: 'backup-not-proven',
      message: 'no provider proves a way back to a point in time',
      found: `command one: ${reason}\ncommand two: ${reason.replace('one', 'two')}`,
      expected: 'at least one that does',
      next: `command one: ${next}\ncommand two: ${next}`,
    });
  });
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
