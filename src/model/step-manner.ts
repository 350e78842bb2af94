/**
 * How a migration of a plan is carried out: in what parts, how long each waits for locks, and whether it can be undone. It follows
 * from the file, whose checksum is approved, and from the target's lock policy.
 */
import { type LockLimits, limitWords, type PartKind } from './lock-limits.ts';
import type { Undoable } from './statement-effects.ts';

export interface StepManner {
  /** The id of the plan's step. */
  readonly step: string;
  /** `none`: the file asks to be run statement by statement. */
  readonly transaction: 'auto' | 'none';
  /** What commits together; a statement that runs outside a transaction is a part of its own. */
  readonly parts: readonly { readonly kind: 'transaction' | 'alone'; readonly lockPolicy: PartKind }[];
  /** The worst of its statements. */
  readonly undoable: Undoable;
  /** Statements whose text does not tell what they do: a DO block, a function that is called. */
  readonly opaque: number;
}

/** Nothing where it is one transaction of new things that can be undone: most are, and a plan is to be read quickly. */
export function mannerWords({ transaction, parts, undoable, opaque }: StepManner, limits: LockLimits): string[] {
  const kinds = [...new Set(parts.map(({ lockPolicy }) => lockPolicy))].filter((kind) => kind !== 'free');
  const isWhole = parts.length < 2 && parts.every(({ kind }) => kind === 'transaction');
  const alone = parts.filter(({ kind }) => kind === 'alone').length;
  return [
    isWhole ? '' : `${counted(parts.length, 'part')}, ${alone} outside a transaction`,
    transaction === 'none' ? 'statement by statement, as the file asks' : '',
    ...kinds.map((kind) => limitWords(kind, limits)),
    undoable === 'loses data' ? 'undoing does not bring the rows back' : '',
    undoable === 'no' ? 'cannot be undone' : '',
    opaque === 0 ? '' : `${counted(opaque, 'statement')} not looked into`,
  ].filter((words) => words !== '');
}

function counted(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
