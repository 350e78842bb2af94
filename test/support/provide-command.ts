/** Builds the command that tests start many times, from the sources as they are. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { buildCommand } from '../../src/dev/build/bundle.ts';
import './provided.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '');

export async function provideCommand(project: TestProject): Promise<void> {
  // In the checkout, because it finds its packages from there.
  const folder = path.join(ROOT, '.drydock/built-for-tests');
  await buildCommand(ROOT, folder);
  project.provide('builtCommand', path.join(folder, 'drydock.js'));
}
