/** What a guard is told over its standard input: all that it needs to let go, secrets included, so that it depends on nobody afterwards. */
import type { LetGoContext } from '../drain/held-thing.ts';
import type { HoldOwner } from '../drain/hold.ts';
import { isProblemError, ProblemError } from '../model/problem.ts';
import { type SecretRef, secretSource } from '../model/secret-ref.ts';
import type { TargetView } from '../model/target.ts';

export interface GuardCharge {
  readonly target: TargetView;
  /** Of the target's database: a secret. */
  readonly url: string;
  readonly owner: HoldOwner;
  /** By reference; one that could not be had carries why. */
  readonly secrets: readonly (readonly [reference: string, answer: SecretAnswer])[];
  /** Where it says what it did. */
  readonly logFile: string;
}

type SecretAnswer = { readonly value: string } | { readonly missing: string };

/** What a guard says when it has seen the hold and watches, and the file descriptor on which it does. */
export const GUARD_READY = 'watching';
export const READY_FD = 3;

/** The secrets of what may be held, resolved now: whoever lets go later may have no other way to them. */
export async function secretsOf(
  { drain, consumers }: Pick<TargetView, 'drain' | 'consumers'>,
  secret: LetGoContext['secret'],
): Promise<GuardCharge['secrets']> {
  const references = new Map(refsIn([drain, consumers ?? []]).map((ref) => [keyOf(ref), ref]));
  return Promise.all([...references].map(async ([key, ref]) => [key, await answerOf(ref, secret)] as const));
}

async function answerOf(ref: SecretRef, secret: LetGoContext['secret']): Promise<SecretAnswer> {
  try {
    return { value: await secret(ref) };
  } catch (error) {
    return { missing: isProblemError(error) ? (error.problem.found ?? error.problem.message) : 'it cannot be read' };
  }
}

/** Errors of `secret`: `secret-missing`. */
export function letGoContextOf({ target, url, secrets }: GuardCharge): LetGoContext {
  const answers = new Map(secrets);
  return {
    target,
    url,
    secret: async (ref) => {
      const answer = answers.get(keyOf(ref));
      if (answer && 'value' in answer) return answer.value;
      throw new ProblemError({
        code: 'secret-missing',
        message: `a secret of the target ${target.name} is not known here`,
        found: answer ? answer.missing : `${secretSource(ref)} was not among what the guard was given`,
        next: `let go by hand: run \`release --target ${target.name}\` where the secret is known`,
      });
    },
  };
}

function refsIn(value: unknown): readonly SecretRef[] {
  if (typeof value !== 'object' || value === null) return [];
  return isReference(value) ? [value] : Object.values(value).flatMap(refsIn);
}

function isReference(value: object): value is SecretRef {
  const [only, ...others] = Object.entries(value);
  return others.length === 0 && (only?.[0] === 'env' || only?.[0] === 'file') && typeof only[1] === 'string';
}

function keyOf(ref: SecretRef): string {
  return 'env' in ref ? `env:${ref.env}` : `file:${ref.file}`;
}
