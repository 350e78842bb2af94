/** Several things that are wrong at once, as the one problem of an outcome: all of them are said, the first gives the code. */
import type { ProblemInput } from '../../model/problem.ts';

/** The gravest first. Undefined where there is none. */
export function oneProblem(problems: readonly ProblemInput[]): ProblemInput | undefined {
  const [first, ...others] = problems;
  if (first === undefined || others.length === 0) return first;
  return {
    ...first,
    message: problems.map(({ message }) => message).join('; '),
    ...each('found', '\n', problems),
    ...each('expected', '; ', problems),
    ...each('next', '; ', problems),
  };
}

function each(part: 'found' | 'expected' | 'next', between: string, problems: readonly ProblemInput[]) {
  const texts = [...new Set(problems.flatMap((problem) => problem[part] ?? []))];
  return texts.length === 0 ? {} : { [part]: texts.join(between) };
}
