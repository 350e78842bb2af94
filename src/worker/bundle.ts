/** The workflows as one bundle. Making it takes seconds, so a copy is kept, named by what went into it. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** A bundle's code, as `Worker.create` takes it. */
export interface WorkflowBundle {
  readonly code: string;
}

/** Where Drydock's own code is; the runbooks that a worker serves may be in another checkout. */
const CODE = fileURLToPath(new URL('../../', import.meta.url));

/** Folders of it whose files a workflow bundle is made of. */
const SOURCES = ['src/workflows', 'src/model'];

/**
 * The bundle of `src/workflows`, from `node_modules/.cache/drydock` where the sources are unchanged (about 20 ms),
 * else made (about 3 s) and kept there. A cache that cannot be written costs the time, nothing else.
 */
export async function workflowBundle(): Promise<WorkflowBundle> {
  const folder = join(CODE, 'node_modules', '.cache', 'drydock');
  const file = join(folder, `workflows-${await digestOfSources()}.js`);
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return { code: kept };
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(CODE, 'src/workflows/index.ts'),
    logger: new DefaultLogger('WARN'),
  });
  await keep(folder, file, code).catch(() => undefined);
  return { code };
}

async function keep(folder: string, file: string, code: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, code);
  await rename(unfinished, file);
}

async function digestOfSources(): Promise<string> {
  const hash = createHash('sha256').update(sdkVersion());
  for (const folder of SOURCES) {
    const names = (await readdir(join(CODE, folder), { recursive: true }))
      .filter((name) => name.endsWith('.ts'))
      .sort();
    for (const name of names) hash.update(name).update(await readFile(join(CODE, folder, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

function sdkVersion(): string {
  return (createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string }).version;
}
