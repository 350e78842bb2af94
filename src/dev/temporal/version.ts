/** Which Temporal CLI this project wants, and how a program at hand is asked whether it is one. */
import { describeFailure, runCommand, succeeded } from '../run-command.ts';

/** The version that is downloaded or built. One found on PATH may be another. */
export const TEMPORAL_CLI_VERSION = '1.5.1';

export type Probe =
  | { readonly kind: 'works'; readonly version: string }
  | { readonly kind: 'broken'; readonly reason: string };

/** Runs `<path> --version`. */
export async function probe(path: string, env?: Record<string, string>): Promise<Probe> {
  const outcome = await runCommand(path, ['--version'], { timeoutMs: 15_000, ...(env ? { env } : {}) });
  if (!succeeded(outcome)) return { kind: 'broken', reason: describeFailure(outcome) };
  const version = /^temporal version (.+)$/m.exec(outcome.stdout)?.[1];
  return version ? { kind: 'works', version } : { kind: 'broken', reason: 'it is another program of that name' };
}
