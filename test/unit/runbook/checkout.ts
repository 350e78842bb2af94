/** A checkout of its own for one test file: a folder with runbooks, migrations and seeds, removed at the end. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

export { problemOf } from '../../support/problem-of.ts';

export interface Checkout {
  readonly root: string;
  write(file: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

export async function makeCheckout(files: Readonly<Record<string, string>> = {}): Promise<Checkout> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'drydock-runbook-'));
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  };
  for (const [file, text] of Object.entries(files)) await write(file, text);
  return { root, write, remove: () => rm(root, { recursive: true, force: true }) };
}
