/**
 * A checkout of its own for a test of runs: a folder with runbooks, migrations and targets, workers that serve it, and the
 * means to look at a run and to wait for what it does. The servers are the run's real ones.
 */
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import { afterAll } from 'vitest';
import { createActivities } from '../../src/activities/index.ts';
import { holderState } from '../../src/client/holder-state.ts';
import type { RunEvent } from '../../src/model/event.ts';
import { WORKFLOW_TYPES } from '../../src/model/ids.ts';
import type { MessageName } from '../../src/model/messages.ts';
import type { Operation, Plan } from '../../src/model/plan.ts';
import type { RunState } from '../../src/model/state.ts';
import { workflowBundle } from '../../src/worker/bundle.ts';
import { createWorker, installLogger } from '../../src/worker/create-worker.ts';
import { freshDatabase, type Template, type TestDatabase } from './postgres.ts';
import { ROOT, type RunningCli, startCli } from './processes.ts';
import { connectTemporal, type TestTemporal } from './temporal.ts';

/** Three migrations in a schema of their own, a short checklist, one validation: a run of a second. */
export const SMALL_RUNBOOK = `
version: 1
name: small
title: A small runbook
schemas: [app]
ledgerSchema: app
migrations: { directory: migrations/small, expect: 3 }
checklist:
  - { id: primary, title: The database is a primary, check: primary }
  - { id: dry-run, title: Every file is there, check: dry-run }
window: { approvalTimeout: 1m, drain: 200ms, drainTimeout: 10s }
execution:
  - { id: status-before, title: Nothing is applied, step: status, expect: before }
  - { id: migrate, title: Migrate, step: migrate }
  - { id: status-after, title: Everything is applied, step: status, expect: after }
validation:
  - id: tables
    title: The tables exist
    statements:
      - sql: SELECT to_regclass('app.items') AS items, to_regclass('app.notes') AS notes
        expect: { kind: all-not-null }
    otherwise: run the migrations again
troubleshooting:
  - symptom: items is refused
    match: { pattern: 'refused on purpose' }
    resolution: do not refuse it
`;

export const SMALL_MIGRATIONS: Readonly<Record<string, string>> = {
  'migrations/small/001_schema.up.sql': 'CREATE SCHEMA app;\n',
  'migrations/small/001_schema.down.sql': 'DROP SCHEMA app;\n',
  'migrations/small/002_items.up.sql': 'CREATE TABLE app.items (id bigint PRIMARY KEY, name text NOT NULL);\n',
  'migrations/small/002_items.down.sql': 'DROP TABLE app.items;\n',
  'migrations/small/003_notes.up.sql':
    'CREATE TABLE app.notes (id bigint PRIMARY KEY, item_id bigint REFERENCES app.items);\n',
  'migrations/small/003_notes.down.sql': 'DROP TABLE app.notes;\n',
};

export interface WorldOptions {
  /** Files of the checkout, on top of the small runbook; paths relative to it. */
  readonly files?: Readonly<Record<string, string>>;
  /** Further members of the one target, as YAML lines. */
  readonly target?: string;
  readonly template?: Template;
  /** Default `test`. */
  readonly environment?: string;
  /** Default `small`. `communication` and `authz` use the runbook and migrations of this repository. */
  readonly runbook?: string;
  /** Secrets that the target names, by their variables. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Default: one worker in this process. `none` leaves it to the test to start processes. */
  readonly worker?: 'in-process' | 'none';
  /** Servers of the test's own, for tests that stop them. Default: those of the run. */
  readonly servers?: { readonly database?: TestDatabase; readonly temporal?: TestTemporal };
}

export interface World {
  readonly root: string;
  readonly database: TestDatabase;
  readonly temporal: TestTemporal;
  readonly runbook: string;
  readonly target: string;
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly write: (file: string, text: string) => Promise<void>;
  readonly start: (operation?: Operation, input?: object) => Promise<Handle>;
  /** A worker process of this checkout, for tests that kill it. */
  readonly startWorkerProcess: () => RunningCli;
  readonly env: Readonly<Record<string, string>>;
}

export interface Handle {
  readonly workflow: WorkflowHandle;
  readonly state: () => Promise<RunState>;
  readonly plan: () => Promise<Plan>;
  readonly events: () => Promise<RunEvent[]>;
  /** The state, once it is as wanted. */
  readonly until: (what: string, wanted: (state: RunState) => boolean) => Promise<RunState>;
  readonly send: (name: MessageName, body: object) => Promise<string>;
  readonly signal: (name: MessageName, body: unknown) => Promise<void>;
  /** Waits for the question and approves its plan. */
  readonly approve: () => Promise<string>;
  /** The final state, however it ended. */
  readonly ended: () => Promise<RunState>;
}

const URL_VARIABLE = 'WORLD_DATABASE_URL';
const cleanups: (() => Promise<void>)[] = [];
let serial = 0;

// The SDK's log of healthy workers says nothing that a test's reader needs.
installLogger('ERROR', (level, text) => process.stderr.write(`${level} ${text}\n`));

afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export async function makeWorld(options: WorldOptions = {}): Promise<World> {
  const { runbook = 'small' } = options;
  serial += 1;
  const target = `world-${process.pid}-${serial}`;
  const { servers = {} } = options;
  const [temporal, database] = await Promise.all([
    servers.temporal ?? connectTemporal(),
    servers.database ?? freshDatabase({ template: options.template ?? 'empty' }),
  ]);
  const root = await makeCheckout(options, target);
  const taskQueue = `queue-${target}`;
  const env = {
    [URL_VARIABLE]: database.url,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    DRYDOCK_TASK_QUEUE: taskQueue,
    DRYDOCK_ROOT: root,
    ...options.secrets,
  };
  if (options.worker !== 'none') await serve(root, taskQueue, temporal, env);
  const workflowId = `${runbook}/${target}`;
  return {
    root,
    database,
    temporal,
    runbook,
    target,
    workflowId,
    taskQueue,
    env,
    write: (file, text) => writeInto(root, file, text),
    start: async (operation = 'run', input = {}) => {
      const workflow = await temporal.client.workflow.start(WORKFLOW_TYPES[operation], {
        workflowId,
        taskQueue,
        args: [{ runbook, target, requestedBy: 'test', ...input }],
      });
      return handleOf(temporal.client.workflow.getHandle(workflowId, workflow.firstExecutionRunId));
    },
    startWorkerProcess: () => startCli(['worker.ts'], { env }),
  };
}

async function makeCheckout(options: WorldOptions, target: string): Promise<string> {
  const { files, target: members = '' } = options;
  const root = await mkdtemp(join(tmpdir(), 'drydock-world-'));
  cleanups.push(() => rm(root, { recursive: true, force: true }));
  const targets = `version: 1\ntargets:\n  ${target}:\n    environment: ${options.environment ?? 'test'}\n    url: { env: ${URL_VARIABLE} }\n${members.replace(/^(?=.)/gm, '    ')}\n`;
  const all = { 'runbooks/small.yaml': SMALL_RUNBOOK, ...SMALL_MIGRATIONS, 'drydock.yaml': targets, ...files };
  for (const [file, text] of Object.entries(all)) await writeInto(root, file, text);
  if (options.runbook && options.runbook !== 'small') await copyProduct(root, options.runbook);
  return root;
}

/** Copies, because a checkout whose files are links out of it is refused. */
async function copyProduct(root: string, runbook: string): Promise<void> {
  for (const path of ['src', `migrations/${runbook}`, `runbooks/${runbook}.yaml`]) {
    await cp(join(ROOT, path), join(root, path), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
}

async function writeInto(root: string, file: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), text);
}

async function serve(
  root: string,
  taskQueue: string,
  temporal: TestTemporal,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  const { client, nativeConnection: connection, namespace } = temporal;
  const activities = createActivities({
    root,
    namespace,
    reportDirectory: 'reports',
    lookup: (name) => variables[name],
    holderState: (holder) => holderState(client, holder),
  });
  const worker: Worker = await createWorker({
    connection,
    namespace,
    taskQueue,
    bundle: await workflowBundle(),
    activities,
    shutdownForceMs: 5_000,
  });
  const running = worker.run();
  cleanups.push(async () => {
    worker.shutdown();
    await running;
  });
}

function handleOf(workflow: WorkflowHandle): Handle {
  const state = () => workflow.query<RunState>('state');
  const until: Handle['until'] = async (what, wanted) => {
    for (let tries = 0; ; tries += 1) {
      const now = await state();
      if (wanted(now)) return now;
      if (now.outcome !== null)
        throw new Error(`waited for ${what}, but the run ended: ${now.outcome}, ${now.sentence}`);
      if (tries > 600) throw new Error(`waited for ${what} in vain; phase ${now.phase}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const send: Handle['send'] = (name, body) => workflow.executeUpdate<string, [object]>(name, { args: [body] });
  return {
    workflow,
    state,
    until,
    send,
    plan: () => workflow.query<Plan>('plan'),
    events: () => workflow.query<RunEvent[]>('events'),
    signal: (name, body) => workflow.signal(name, body),
    approve: async () => {
      const { waiting } = await until('the question of the approval', (now) => now.waiting?.kind === 'approval');
      return send('approve', { by: 'kim', plan: waiting?.kind === 'approval' ? waiting.digest : '' });
    },
    ended: async () => {
      await workflow.result().catch(() => undefined);
      return state();
    },
  };
}
