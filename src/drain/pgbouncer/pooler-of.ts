/** The poolers of a target, and how each is reached. */
import type { Pooler } from '../../model/drain.ts';
import { ProblemError } from '../../model/problem.ts';
import type { SecretRef } from '../../model/secret-ref.ts';
import type { TargetView } from '../../model/target.ts';
import type { ConsoleAddress } from './console.ts';

export function poolersOf({ drain }: Pick<TargetView, 'drain'>): readonly Pooler[] {
  return drain.kind === 'pgbouncer' ? drain.poolers : [];
}

/** Error: `pooler-unknown`, where something is noted that the target no longer names. */
export function poolerOf(target: TargetView, name: string): Pooler {
  const pooler = poolersOf(target).find((one) => one.name === name);
  if (pooler) return pooler;
  throw new ProblemError({
    code: 'pooler-unknown',
    message: `the target ${target.name} has no pooler ${name}, and it is still held`,
    found: `poolers in drydock.yaml: ${
      poolersOf(target)
        .map((one) => one.name)
        .join(', ') || 'none'
    }`,
    expected: `${name}, as it was when it was paused`,
    next: `put ${name} back into drydock.yaml, then run \`release --target ${target.name}\``,
  });
}

/** Errors: `secret-missing`. */
export async function addressOf(
  { name, admin }: Pooler,
  { secret }: { readonly secret: (ref: SecretRef) => Promise<string> },
): Promise<ConsoleAddress> {
  return { name, url: await secret(admin) };
}
