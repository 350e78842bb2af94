/** The drydock command line as a person uses it: real processes against a real server, a worker and a database. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { type CommandOutcome, runCommand, succeeded } from '../../src/dev/run-command.ts';
import type { RunEvent } from '../../src/model/event.ts';
import { type CliResult, runDrydock, startDrydock } from '../support/processes.ts';
import { type Handle, makeWorld, SMALL_RUNBOOK, type World, type WorldOptions } from '../support/world.ts';

/** A world, and its command line as a user called kim calls it. */
async function setup(options: WorldOptions = {}) {
  const world = await makeWorld(options);
  const env = { ...world.env, USER: 'kim' };
  const drydock = (...args: string[]): Promise<CliResult> => runDrydock(args, { env });
  const start = (...args: string[]) => startDrydock(args, { env });
  return { world, drydock, start };
}

async function waitingRun(world: World): Promise<{ run: Handle; digest: string }> {
  const run = await world.start();
  const { planDigest } = await run.until('the question', (state) => state.waiting?.kind === 'approval');
  return { run, digest: planDigest! };
}

/** What differs from run to run, replaced by what it is. */
function steady(text: string, { target }: World): string {
  return text
    .replaceAll(target, 'TARGET')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'MOMENT')
    .replaceAll(/\d{4}-\d\d-\d\d/g, 'DAY')
    .replaceAll(/^\d\d:\d\d:\d\d/gm, 'HH:MM:SS')
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'RUN')
    .replaceAll(/\b[0-9A-F]+\/[0-9A-F]{6,}\b/g, 'LSN')
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'DIGEST')
    .replaceAll(/\b[0-9a-f]{12}\b/g, 'DIGEST')
    .replaceAll(/\(\d[^()\n]*(ms|s|min)\)/g, '(TIME)')
    .replaceAll(/\b\d+(\.\d+)? m?s\b/g, 'TIME')
    .replaceAll(/\S+@127\.0\.0\.1:\d+\/\w+/g, 'SERVER')
    .replaceAll(/\btest_\w+/g, 'DATABASE')
    .replaceAll(/reports\/\S+?\.(md|html|json)/g, 'REPORT.$1');
}

describe('drydock run', () => {
  it('is followed to its end, approved from another terminal, and ends with 0', async () => {
    const { world, drydock, start } = await setup();
    const running = start('run', 'small', '--target', world.target);
    const [, digest] = await running.until(/approve it: .*--plan ([0-9a-f]{12})/);
    const approved = await drydock('approve', world.target, '--plan', digest!, '--reason', 'window agreed');
    expect(approved).toMatchObject({ code: 0, stderr: '' });
    expect(approved.stdout).toMatch(/^plan [0-9a-f]{12} approved by kim; next: the checks are taken again/);
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(steady(stdout, world)).toMatchFileSnapshot('golden/drydock-run.txt');
  });

  it('goes on when the reader leaves with Ctrl-C, says how to come back, and ends with 3', async () => {
    const { world, start } = await setup();
    const running = start('run', 'small', '--target', world.target);
    await running.until(/waiting for the approval/);
    running.child.kill('SIGINT');
    const { code, stderr } = await running.ended;
    expect(code).toBe(3);
    expect(stderr).toBe(
      `the run goes on without you; watch it again with: pnpm tsx src/cli/drydock.ts watch ${world.workflowId}\n`,
    );
    const run = world.temporal.client.workflow.getHandle(world.workflowId);
    expect((await run.describe()).status.name).toBe('RUNNING');
    await run.terminate();
  });

  it('can be started only, with overrides of the window, and a second start is refused with 2', async () => {
    const { world, drydock } = await setup();
    const args = ['run', 'small', '--target', world.target, '--detach'];
    const first = await drydock(...args, '--drain', '1s', '--approval-timeout', '2m', '--by', 'sam', '--json');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(first.stdout)).toMatchObject({ workflowId: world.workflowId, workflowType: 'runRunbook' });
    const second = await drydock(...args);
    expect(second).toMatchObject({ code: 2, stdout: '' });
    expect(second.stderr).toMatch(
      /^run-exists: a run of \S+ is at work already\n {2}found: {6}workflow type runRunbook, run \S+, started \S+\n {2}expected: {3}one run at a time on a target, whatever its operation\n {2}next: {7}pnpm tsx src\/cli\/drydock\.ts watch \S+\n$/,
    );
    const workflow = world.temporal.client.workflow.getHandle(world.workflowId);
    expect(await workflow.query('state')).toMatchObject({ requestedBy: 'sam' });
    await workflow.terminate();
  });

  it('ends with 1 when the run is rolled back, and with 2 when it is rejected', async () => {
    const broken = "CREATE TABLE app.notes (id bigint);\nDO $$ BEGIN RAISE EXCEPTION 'refused on purpose'; END $$;\n";
    const { world, drydock, start } = await setup({ files: { 'migrations/small/003_notes.up.sql': broken } });
    const first = start('run', 'small', '--target', world.target);
    await first.until(/waiting for the approval/);
    expect(await drydock('reject', world.target, '--reason', 'not tonight')).toMatchObject({
      code: 0,
      stdout: 'rejected by kim; next: the run ends with nothing changed\n',
    });
    expect((await first.ended).code).toBe(2);
    const second = start('run', 'small', '--target', world.target);
    const [, digest] = await second.until(/approve it: .*--plan ([0-9a-f]{12})/);
    await drydock('approve', world.target, '--plan', digest!);
    const { code, stdout } = await second.ended;
    expect(code).toBe(1);
    expect(stdout).toContain('resolution: do not refuse it');
    expect(stdout).toMatch(/= the schema is as it was before the run: ([0-9a-f]{12}) = \1\n/);
  });

  it('refuses what can be known to be wrong in this checkout, with 2', async () => {
    const { world, drydock } = await setup({ worker: 'none', target: 'runbooks: [communication]' });
    const { target } = world;
    const refused = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await drydock('run', ...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      return stderr;
    };
    expect(await refused('smal', '--target', target)).toMatch(/^runbook-unknown: .*smal/);
    expect(await refused('small', '--target', 'wrld')).toMatch(/^target-unknown: there is no target "wrld"/);
    expect(await refused('small', '--target', target)).toMatch(/^runbook-not-allowed: /);
    await world.write(
      'drydock.yaml',
      (await readFile(join(world.root, 'drydock.yaml'), 'utf8')).replace(/runbooks:.*/, ''),
    );
    expect(await refused('small', '--target', target, '--drain', '5')).toMatch(
      /^input-invalid: "drain" has to be a duration such as "5m" or "30s", found "5"\n$/,
    );
    expect(await refused('small')).toMatch(/^usage: required option '--target <name>' not specified\n/);
  });

  it('wants the name of the target once more for a reset in production', async () => {
    const { world, drydock } = await setup({ worker: 'none' });
    const targets = await readFile(join(world.root, 'drydock.yaml'), 'utf8');
    await world.write('drydock.yaml', targets.replace('environment: test', 'environment: production'));
    const reset = ['run', 'small', '--target', world.target, '--operation', 'reset', '--detach'];
    const refused = await drydock(...reset, '--confirm', 'yes');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toBe(
      [
        `confirmation-missing: a reset reverts every migration of small on ${world.target}, and its rows go with them`,
        `  found:      the environment of ${world.target} is production; --confirm says "yes"`,
        '  expected:   the name of the target, typed once more',
        `  next:       if it is meant: add --confirm ${world.target}`,
        '',
      ].join('\n'),
    );
    expect((await drydock(...reset, '--confirm', world.target)).code).toBe(0);
    await world.temporal.client.workflow.getHandle(world.workflowId).terminate();
  });
});

describe('drydock state, plan, watch, report and runs', () => {
  it('show a run that waits: in text and in JSON', async () => {
    const { world, drydock } = await setup();
    const { run, digest } = await waitingRun(world);
    const state = await drydock('state', world.target);
    expect(state).toMatchObject({ code: 0, stderr: '' });
    expect(state.stdout).toContain(`run small on ${world.target} (test): waiting for approval\n`);
    expect(state.stdout).toContain(`drydock.ts approve ${world.workflowId} --plan ${digest.slice(0, 12)}\n`);
    expect(JSON.parse((await drydock('state', world.workflowId, '--json')).stdout)).toMatchObject({
      source: 'worker',
      closed: false,
      state: { planDigest: digest, waiting: { kind: 'approval' } },
    });
    const plan = await drydock('plan', world.target);
    expect(plan.stdout).toMatch(/\n {3}2\. apply {2}001_schema [0-9a-f]{12}\n/);
    expect(plan.stdout.endsWith(`\nPlan digest ${digest}\n`)).toBe(true);
    expect(JSON.parse((await drydock('plan', world.target, '--json')).stdout)).toMatchObject({ digest });
    await run.workflow.terminate();
  });

  it('give a run that is over: events as JSON lines, its report in a file, its place in the list', async () => {
    const { world, drydock } = await setup();
    const { run } = await waitingRun(world);
    await run.send('reject', { by: 'sam', reason: 'not tonight' });
    const { seq } = await run.ended();
    const watched = await drydock('watch', world.target, '--json');
    const lines = watched.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; event?: RunEvent });
    expect(watched.code).toBe(2);
    expect(lines).toHaveLength(seq + 1);
    expect(lines.at(-1)).toMatchObject({ kind: 'end', outcome: 'rejected' });

    const out = join(world.root, 'sign-off.html');
    const report = await drydock('report', world.target, '--out', out);
    expect(report).toMatchObject({ code: 0, stdout: `report written: ${out}\n` });
    expect(await readFile(out, 'utf8')).toContain('<strong class="warn">rejected</strong>');
    expect((await drydock('report', world.target)).stdout).toMatch(/^# run of small on /);
    expect(JSON.parse((await drydock('report', world.target, '--json')).stdout)).toMatchObject({ schema: 1 });
    expect((await drydock('report', world.target, '--out', '/nonexistent/a.md')).stderr).toMatch(
      /^report-not-written: /,
    );

    const runs = await drydock('runs', '--target', world.target);
    expect(runs.stdout.split('\n')[1]).toMatch(/^! {2}small\/\S+ +run +rejected /);
    expect(JSON.parse((await drydock('runs', '--target', world.target, '--json')).stdout)).toMatchObject([
      { outcome: 'rejected' },
    ]);
  });

  it('say what is known while no worker answers', async () => {
    const { world, drydock } = await setup({ worker: 'none' });
    const worker = world.startWorkerProcess();
    const { run, digest } = await waitingRun(world);
    process.kill(worker.pid, 'SIGKILL');
    await worker.ended;
    const state = await drydock('state', world.target);
    expect(state.code).toBe(0);
    expect(state.stdout).toContain(
      '! no worker answers; this is what Temporal keeps, as of the last change of phase\n',
    );
    expect(state.stdout).toContain(`drydock.ts approve ${world.workflowId} --plan ${digest.slice(0, 12)}\n`);
    const paused = await drydock('pause', world.target);
    expect(paused).toMatchObject({ code: 3, stderr: '' });
    expect(paused.stdout).toMatch(/^no worker answers: pause is left with Temporal as a signal;/);
    await run.workflow.terminate();
  });
});

describe('what is said to a run', () => {
  const WITH_BACKUP = {
    'runbooks/small.yaml': SMALL_RUNBOOK.replace(
      'window:',
      '  - { id: backup, title: A backup is there, check: dump-archives, maxAge: 4h, waivable: true }\nwindow:',
    ),
  };

  it('decides about a failed item, pauses, resumes and aborts', async () => {
    const { world, drydock } = await setup({ files: WITH_BACKUP });
    const run = await world.start();
    await run.until('the failed item', (state) => state.waiting?.kind === 'decision');
    const { target } = world;
    const said = async (...args: string[]): Promise<string> => (await drydock(...args)).stdout;
    expect(await said('decide', target, 'backup', 'waive', '--reason', 'a test')).toBe(
      'waive of backup by kim; next: the run goes on without it, and the report names you\n',
    );
    await run.until('the question', (state) => state.waiting?.kind === 'approval');
    expect(await said('pause', target)).toMatch(/^paused by kim; next: /);
    expect(await said('resume', target, '--by', 'sam')).toBe('resumed by sam; next: the run goes on\n');
    expect(await said('abort', target, '--reason', 'enough')).toMatch(/^abort asked by kim; next: /);
    expect((await run.ended()).outcome).toBe('aborted');
  });

  it('is refused with 2 and the reason, on standard output as JSON where that is asked', async () => {
    const { world, drydock } = await setup();
    const { run } = await waitingRun(world);
    const wrong = await drydock('approve', world.target, '--plan', 'ffffffff', '--json');
    expect(wrong).toMatchObject({ code: 2, stderr: '' });
    expect(JSON.parse(wrong.stdout)).toMatchObject({ problem: { code: 'message-refused' } });
    expect(await drydock('approve', world.target)).toMatchObject({
      code: 2,
      stderr:
        "usage: required option '--plan <digest>' not specified\n  next:       pnpm tsx src/cli/drydock.ts approve --help\n",
    });
    expect((await drydock('abort', 'nowhere', '--reason', 'x')).stderr).toMatch(/^run-not-found: /);
    const unnamed = await runDrydock(['pause', world.target], { env: { ...world.env, USER: undefined } });
    expect(unnamed).toMatchObject({ code: 2 });
    expect(unnamed.stderr).toMatch(/^sender-unknown: /);
    await run.workflow.terminate();
  });

  it('can be pasted from the state for the plain Temporal CLI', async () => {
    const { world, drydock } = await setup();
    const { run } = await waitingRun(world);
    const { stdout } = await drydock('state', world.target);
    const [command] = /^ {2}temporal workflow signal .* --name approve \\\n.*$/m.exec(stdout) ?? [];
    expect(succeeded(await shell(command!.replace('YOU', 'sam'), world))).toBe(true);
    const state = await run.ended();
    expect(state).toMatchObject({ outcome: 'done', approval: { by: 'sam' } });
  });
});

describe('drydock called wrongly', () => {
  it.each([
    [[], 'usage: no command was given\n'],
    [['aprove', 'x'], 'usage: there is no command "aprove"; did you mean "approve"?\n'],
    [
      ['runs', '--limit', 'many'],
      "usage: option '--limit <number>' argument 'many' is invalid. It has to be a whole number.\n",
    ],
    [['runs', '--open', '--closed'], "usage: option '--open' cannot be used with option '--closed'\n"],
    [
      ['run', 'small', '--target', 'a', '--operation', 'undo'],
      "usage: option '--operation <what>' argument 'undo' is invalid.",
    ],
  ])('%j is refused with 2', async (args, message) => {
    const { code, stdout, stderr } = await runDrydock(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.startsWith(message)).toBe(true);
    expect(stderr).toMatch(/\n {2}next: {7}pnpm tsx src\/cli\/drydock\.ts( \w+)? --help\n$/);
  });

  it('ends with 1 and the way out where no Temporal server answers, without a stack', async () => {
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:1', USER: 'kim' };
    const { code, stdout, stderr } = await runDrydock(['state', 'demo'], { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      [
        'temporal-unreachable: no Temporal server answers at 127.0.0.1:1',
        '  found:      nothing listens there (connection refused), tried for 5 s',
        '  expected:   a Temporal server, named by TEMPORAL_ADDRESS or by a profile of the Temporal CLI',
        '  next:       start one (`pnpm dev` brings its own), or export TEMPORAL_ADDRESS=host:7233',
        '',
      ].join('\n'),
    );
  });

  it('explains itself', async () => {
    const { code, stdout } = await runDrydock(['--help']);
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot('golden/drydock-help.txt');
  });
});

/** As pasted into a shell that has `temporal` on its path. */
function shell(command: string, { env }: World): Promise<CommandOutcome> {
  const { program } = inject('temporal');
  const path = `${dirname(program)}:${process.env.PATH ?? ''}`;
  return runCommand('/bin/sh', ['-c', command], {
    env: { ...env, PATH: path, HOME: '/nonexistent' },
    timeoutMs: 30_000,
  });
}
