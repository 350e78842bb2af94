/** What one try to let go came to, and the line about it where it was one of many. */
import type { LetGoReport } from '../drain/let-go-of-all.ts';

export interface TryOutcome {
  /** How many things are as they were, by this try. */
  readonly letGo: number;
  /** What is held still: `pooler edge (pooler-unreachable)`. */
  readonly held: readonly string[];
  /** The lease is ended, by this try. */
  readonly isOver?: boolean;
  /** Why the notes could not be seen to. */
  readonly trouble?: string;
}

export function outcomeOf({ done, failed }: Pick<LetGoReport, 'done' | 'failed'>): TryOutcome {
  return { letGo: done.length, held: failed.map(({ thing, problem }) => `${thing} (${problem.code})`) };
}

export function isInVain({ held, trouble }: TryOutcome): boolean {
  return held.length > 0 || trouble !== undefined;
}

/** The first tries are told by what they met, the later ones at each doubling. */
const FIRST_COUNTED = 8;

/** `tries`: how many there were, with this one. Undefined where it is not its turn to be told. */
export function countedLine({ held, trouble }: TryOutcome, tries: number): string | undefined {
  if (tries < FIRST_COUNTED || !Number.isInteger(Math.log2(tries))) return undefined;
  return held.length > 0
    ? `still held after ${tries} tries: ${held.join(', ')}`
    : `nothing is held any more, but after ${tries} tries the notes say so still: ${trouble}`;
}
