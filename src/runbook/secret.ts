/** Follows a reference of a target to its secret, which is never put into a message. */
import { ProblemError } from '../model/problem.ts';
import { type SecretRef, secretSource } from '../model/secret-ref.ts';
import type { SecretSources } from './target-url.ts';

/** Without surrounding white space. Errors: `secret-missing`. */
export async function resolveSecret(
  ref: SecretRef,
  target: string,
  { lookup, readFile }: SecretSources,
): Promise<string> {
  if ('env' in ref) return lookup(ref.env)?.trim() || refuse(ref, target, 'it is not set, or empty');
  const text = await readFile(ref.file).catch((error: NodeJS.ErrnoException) =>
    refuse(ref, target, error.code === 'ENOENT' ? 'no such file' : (error.code ?? 'it cannot be read')),
  );
  return text.trim() || refuse(ref, target, 'the file is empty');
}

function refuse(ref: SecretRef, target: string, found: string): never {
  const source = secretSource(ref);
  throw new ProblemError({
    code: 'secret-missing',
    message: `a secret of the target ${target} is not known here`,
    found: `${source}: ${found}`,
    expected: `${source} for the process that works on ${target}`,
    next: `provide it, or correct the reference in drydock.yaml`,
  });
}
