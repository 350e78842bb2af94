/** Activities that insert the rows of a seed module and take this run's rows out again. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withSession } from '../checks/session.ts';
import { applySeed, type Seed, undoSeed } from '../data/seed.ts';
import { assertClaimSql } from '../migrator/claim-table.ts';
import type { StepOutcome } from '../model/outcome.ts';
import { shortDigest } from '../model/plan.ts';
import { ProblemError } from '../model/problem.ts';
import type { Attempt } from './alive.ts';
import type { ClaimedRef } from './contract.ts';
import { type Dependencies, groundOf } from './dependencies.ts';
import { timed } from './steps.ts';
import { requireHeld } from './traffic.ts';

export async function applyRunSeed(
  deps: Dependencies,
  input: ClaimedRef & { readonly module: string; readonly moduleDigest: string },
  attempt: Attempt,
): Promise<StepOutcome> {
  const ground = await groundOf(deps, input);
  const found = await moduleDigest(deps.root, input.module);
  if (found !== input.moduleDigest) throw moduleChanged(input, found);
  // A seed is applied on the way forward only, inside of the window.
  await requireHeld(deps, ground, input, attempt);
  const seed = await loadSeed(deps.root, input.module);
  return timed(() =>
    withSession({ url: ground.url, signal: attempt.signal }, `seed:${seed.name}`, async ({ client }) => {
      const { inserted, present } = await applySeed(client, seed, {
        runId: input.runId,
        guardSql: assertClaimSql(input.token),
      });
      return { summary: `${inserted} rows inserted, ${present} were there already` };
    }),
  );
}

export async function undoRunSeed(
  deps: Dependencies,
  input: ClaimedRef & { readonly module: string },
  attempt: Attempt,
): Promise<StepOutcome> {
  const { url } = await groundOf(deps, input);
  const seed = await loadSeed(deps.root, input.module);
  return timed(() =>
    withSession({ url, signal: attempt.signal }, `seed:${seed.name}`, async ({ client }) => {
      const { deleted } = await undoSeed(client, seed, { runId: input.runId, guardSql: assertClaimSql(input.token) });
      return {
        summary: deleted === 0 ? 'this run had inserted no row' : `${deleted} rows removed that this run had inserted`,
      };
    }),
  );
}

/** sha256 hex of a seed module's bytes: part of the plan. */
export async function moduleDigest(root: string, module: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(insideRoot(root, module)))
    .digest('hex');
}

async function loadSeed(root: string, module: string): Promise<Seed> {
  const loaded = (await import(pathToFileURL(insideRoot(root, module)).href)) as { default?: Partial<Seed> };
  if (typeof loaded.default?.name === 'string' && typeof loaded.default.rows === 'function')
    return loaded.default as Seed;
  throw new ProblemError({
    code: 'seed-module-invalid',
    message: `${module} has no seed as its default export`,
    expected: 'an object with name, table, requires and rows(), as in src/data/seed.ts',
    next: `export a Seed from ${module}`,
  });
}

/** The loader refuses such paths too; code is executed here, so it is looked at again. */
function insideRoot(root: string, module: string): string {
  const path = resolve(root, module);
  if (!relative(root, path).startsWith('..')) return path;
  throw new ProblemError({ code: 'seed-module-outside', message: `${module} is outside of the checkout` });
}

function moduleChanged(input: { readonly module: string; readonly moduleDigest: string }, found: string): ProblemError {
  return new ProblemError({
    code: 'seed-changed',
    message: `this worker has another ${input.module} than the plan of the run`,
    found: `sha256 ${shortDigest(found)}`,
    expected: `sha256 ${shortDigest(input.moduleDigest)}, as planned and approved`,
    next: 'give every worker of this task queue the same checkout, then start the run again',
  });
}
