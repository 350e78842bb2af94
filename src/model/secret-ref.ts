/** Where a worker finds a secret. The reference may stand in a plan; the secret never does. */
export type SecretRef =
  /** An environment variable of the worker. */
  | { readonly env: string }
  /** A file that is mounted for the worker; relative to its checkout, or absolute. */
  | { readonly file: string };

/** For a person: `environment variable POOLER_URL`, `file /run/secrets/pooler`. */
export function secretSource(ref: SecretRef): string {
  return 'env' in ref ? `environment variable ${ref.env}` : `file ${ref.file}`;
}
