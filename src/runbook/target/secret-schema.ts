/** A reference to a secret in `drydock.yaml`: the name of a variable or a file, never the secret. */
import { z } from 'zod';
import type { SecretRef } from '../../model/secret-ref.ts';

const LITERAL =
  'a URL is a secret and does not belong in this file: write { env: NAME } for an environment variable of the worker, ' +
  'or { file: path } for a secret that is mounted as a file';

export const environmentName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'not the name of an environment variable, such as COMMUNICATION_DATABASE_URL');

export const secretPath = z
  .string()
  .min(1, 'this path is empty')
  .refine((path) => !path.includes('://'), 'this looks like a URL; write the path of the file that holds it');

/** Exactly one of the two. */
export const secretReference = z
  .strictObject(
    { env: environmentName.optional(), file: secretPath.optional() },
    { error: (issue) => (issue.code === 'invalid_type' && issue.input !== undefined ? LITERAL : undefined) },
  )
  .refine(({ env, file }) => (env === undefined) !== (file === undefined), {
    message: 'give either "env", the name of an environment variable, or "file", a path',
  })
  .meta({
    description: 'Where the worker finds the secret; never the secret itself.',
    oneOf: [{ required: ['env'] }, { required: ['file'] }],
  });

export function secretOf({ env, file }: z.output<typeof secretReference>): SecretRef {
  return env === undefined ? { file: file ?? '' } : { env };
}
