/** What was refused, as the Problem that an operator would read. */
import { isProblemError, type Problem } from '../../src/model/problem.ts';

/** Fails where the work does not end with one. */
export async function problemOf(work: Promise<unknown>): Promise<Problem> {
  try {
    await work;
  } catch (error) {
    if (isProblemError(error)) return error.problem;
    throw error;
  }
  throw new Error('expected a problem, and there was none');
}
