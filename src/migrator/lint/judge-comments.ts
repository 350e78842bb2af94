/** Which findings a file's comments allow, and what is wrong with the comments themselves. */
import type { AllowedFinding, Finding } from '../../model/lint.ts';
import type { AllowComment } from './allow-comments.ts';
import { type Located, located, type Origin } from './located.ts';
import { allowComment } from './rules/allow-comment.ts';

export interface Judged {
  readonly findings: readonly Finding[];
  readonly allowed: readonly AllowedFinding[];
}

export interface Judgement {
  readonly comments: readonly AllowComment[];
  readonly found: readonly Located[];
  /** What would be found if every table were in use: what a comment allows then is no mistake. Asked only where it decides. */
  readonly otherwise: () => readonly Located[];
  readonly ruleNames: ReadonlySet<string>;
  readonly origin: Omit<Origin, 'rule' | 'statement'>;
}

export function judged({ comments, found, otherwise, ruleNames, origin }: Judgement): Judged {
  const usable = comments.filter((one) => one.reason !== '' && one.place === 'right');
  const allowed: AllowedFinding[] = [];
  const findings: Finding[] = [];
  for (const one of found) {
    const comment = usable.find((candidate) => covers(candidate, one.finding.rule, one));
    if (comment) allowed.push({ ...one.finding, reason: comment.reason, by: 'comment' });
    else findings.push(one.finding);
  }
  let late: readonly Located[] | undefined;
  const isUsed = (comment: AllowComment, rule: string): boolean => {
    if (found.some((one) => one.finding.rule === rule && covers(comment, rule, one))) return true;
    late ??= otherwise();
    return late.some((one) => one.finding.rule === rule && covers(comment, rule, one));
  };
  const faults = comments.flatMap((comment) =>
    faultsOf(comment, { ruleNames, isUsed: (rule) => isUsed(comment, rule) }).map((message) => {
      const raised = { message, instead: null, at: comment.at };
      return located(raised, { ...origin, rule: allowComment, statement: undefined }).finding;
    }),
  );
  return { findings: [...findings, ...faults], allowed };
}

function covers(comment: AllowComment, rule: string, { statement }: Located): boolean {
  if (!comment.rules.includes(rule)) return false;
  return comment.kind === 'allow-file' || (statement !== undefined && comment.statement === statement);
}

function faultsOf(
  { kind, rules, reason, place }: AllowComment,
  { ruleNames, isUsed }: { ruleNames: ReadonlySet<string>; isUsed: (rule: string) => boolean },
): string[] {
  if (rules.length === 0) return [`the comment drydock:${kind} names no rule`];
  if (place === 'misplaced') return ['the comment drydock:allow-file has to stand above the first statement'];
  if (reason === '') return [`the comment that allows ${rules.join(', ')} gives no reason`];
  return rules.flatMap((rule) => {
    if (!ruleNames.has(rule)) return [`the comment allows ${rule}, and there is no such rule`];
    return isUsed(rule) ? [] : [`the comment allows ${rule}, and nothing here breaks that rule`];
  });
}
