/** What the tests of checks share: a small runbook of two migrations, a target, and a checkout that holds them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import type { CheckContext } from '../../../src/checks/context.ts';
import type { Runbook } from '../../../src/model/runbook.ts';
import type { TargetView } from '../../../src/model/target.ts';

export const RUNBOOK: Runbook = {
  version: 1,
  name: 'harbour',
  title: 'The harbour',
  schemas: ['harbour'],
  ledgerSchema: 'harbour',
  migrations: { directory: 'migrations/harbour', expect: 2 },
  checklist: [],
  window: { approvalTimeoutMs: 60_000, drainMs: 500, drainTimeoutMs: 1_500 },
  execution: [],
  validation: [],
  troubleshooting: [],
};

export const TARGET: TargetView = {
  name: 'test',
  environment: 'test',
  urlSource: 'environment variable TEST_URL',
  replicas: { expected: 0 },
  backups: { archives: [] },
  seeds: false,
  window: {},
  drain: { kind: 'observe' },
  onUndoFailed: 'hold',
  holdAtMostMs: 60_000,
  saveDirectory: '.drydock/saved',
};

const FILES = {
  'migrations/harbour/001_schema.up.sql': 'CREATE SCHEMA harbour;',
  'migrations/harbour/001_schema.down.sql': 'DROP SCHEMA harbour;',
  'migrations/harbour/002_berths.up.sql':
    'CREATE TABLE harbour.berths (id int PRIMARY KEY, owner_id uuid REFERENCES core.users (id));',
  'migrations/harbour/002_berths.down.sql': 'DROP TABLE harbour.berths;',
};

export interface World {
  readonly root: string;
  /** Writes a file below the checkout and gives its absolute path. */
  readonly write: (file: string, content: string | Buffer) => Promise<string>;
  readonly context: (url: string, more?: Partial<CheckContext>) => CheckContext;
}

const roots = new Set<string>();

afterAll(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true });
});

/** A checkout of its own, removed at the end of the test file. */
export async function setupWorld(): Promise<World> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'drydock-checks-'));
  roots.add(root);
  const write = async (file: string, content: string | Buffer): Promise<string> => {
    const full = path.join(root, file);
    await mkdir(path.dirname(full), { recursive: true });
    await writeFile(full, content);
    return full;
  };
  for (const [file, text] of Object.entries(FILES)) await write(file, text);
  return { root, write, context: (url, more = {}) => ({ url, root, target: TARGET, runbook: RUNBOOK, ...more }) };
}

/** A role of its own that may log in with nothing more than PUBLIC has. The URL leads to the same database as `url`. */
export function urlAs(url: string, user: string): string {
  const other = new URL(url);
  other.username = user;
  other.password = 'secret';
  return other.href;
}
