/** Makes outcomes of checks: one place for the time they carry and for a failing summary being the problem's own sentence. */
import type { CheckOutcome, Evidence } from '../model/outcome.ts';
import type { Problem, ProblemInput } from '../model/problem.ts';

type Measured = { readonly now?: () => Date };

export function passed(context: Measured, summary: string, evidence: readonly Evidence[]): CheckOutcome {
  return { status: 'passed', summary, evidence, measuredAt: measuredAt(context) };
}

/** `summary` of a failure is the message of its problem. `retry` is `stop` unless said otherwise. */
export function failed(context: Measured, problem: ProblemInput, evidence: readonly Evidence[]): CheckOutcome {
  const whole: Problem = { retry: 'stop', ...problem };
  return { status: 'failed', summary: whole.message, evidence, measuredAt: measuredAt(context), problem: whole };
}

/** One fact, with its limit where it is held against one. */
export function fact(name: string, value: string | number, limit?: string): Evidence {
  return limit === undefined ? { name, value: String(value) } : { name, value: String(value), limit };
}

function measuredAt({ now }: Measured): string {
  return (now?.() ?? new Date()).toISOString();
}

/** `1 replica`, `2 replicas`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
