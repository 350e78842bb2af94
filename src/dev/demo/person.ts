/**
 * The person on call, as the demo plays it: on a terminal it is you; elsewhere, or with --yes, it answers by itself after a
 * pause that can be seen. It decides what is answered; sending it is the follower's.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { confirm, isCancel, select } from '@clack/prompts';
import { shortDigest } from '../../model/plan.ts';
import type { Waiting } from '../../model/state.ts';

export type Answer =
  | { readonly name: 'approve'; readonly body: { readonly by: string; readonly plan: string; readonly reason: string } }
  | { readonly name: 'reject' | 'abort'; readonly body: { readonly by: string; readonly reason: string } }
  | {
      readonly name: 'decide';
      readonly body: {
        readonly by: string;
        readonly item: string;
        readonly action: 'retry' | 'waive';
        readonly reason: string;
      };
    };

export type Question = Extract<Waiting, { kind: 'approval' | 'decision' }>;

export interface Person {
  /** What stands in the report as `by`. */
  readonly name: string;
  /** `signal` aborted: the question was taken away, and whatever is returned is not sent. */
  answer(question: Question, signal: AbortSignal): Promise<Answer>;
}

const WHY_WAIVED = 'the demo has no backup to lose: nothing but its own throwaway database is touched';

/** You, at the terminal. Ctrl-C at a question ends the demo, as it does everywhere else in it. */
export function askingPerson(name: string): Person {
  return {
    name,
    answer: async (question, signal) => {
      if (question.kind === 'approval') {
        const yes = await confirm({
          signal,
          message: `Approve the drain window of plan ${shortDigest(question.digest)}?`,
        });
        if (isCancel(yes)) return leave(signal);
        return yes
          ? approval(name, question)
          : { name: 'reject', body: { by: name, reason: 'said no at the terminal' } };
      }
      return askDecision(name, question, signal);
    },
  };
}

async function askDecision(
  name: string,
  question: Extract<Question, { kind: 'decision' }>,
  signal: AbortSignal,
): Promise<Answer> {
  const options = [
    { value: 'retry' as const, label: 'retry: check it again' },
    ...(question.waivable ? [{ value: 'waive' as const, label: 'waive: go on without it; the report names you' }] : []),
    { value: 'abort' as const, label: 'abort the run' },
  ];
  const chosen = await select<'retry' | 'waive' | 'abort'>({
    signal,
    message: `${question.item.title} failed. What now?`,
    options,
  });
  if (isCancel(chosen)) return leave(signal);
  if (chosen === 'abort') return { name: 'abort', body: { by: name, reason: 'said so at the terminal' } };
  return decision(name, question.item.id, chosen);
}

/** The question takes the terminal's Ctrl-C for itself; this passes it on to who ends the demo. */
async function leave(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) process.kill(process.pid, 'SIGINT');
  return new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Answers by itself `pauseMs` after each question, and says so through `say`. */
export function automaticPerson(name: string, pauseMs: number, say: (line: string) => void): Person {
  return {
    name,
    answer: async (question, signal) => {
      const what =
        question.kind === 'approval' ? 'approves' : question.waivable ? `waives ${question.item.id}` : 'aborts';
      say(`no one is asked (--yes, or no terminal): "${name}" ${what} in ${pauseMs / 1000} s`);
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (question.kind === 'approval') return approval(name, question);
      if (!question.waivable)
        return { name: 'abort', body: { by: name, reason: `${question.item.id} failed and cannot be waived` } };
      return decision(name, question.item.id, 'waive');
    },
  };
}

function approval(by: string, question: Extract<Question, { kind: 'approval' }>): Answer {
  return { name: 'approve', body: { by, plan: shortDigest(question.digest), reason: 'the window of the demo' } };
}

function decision(by: string, item: string, action: 'retry' | 'waive'): Answer {
  return { name: 'decide', body: { by, item, action, reason: action === 'waive' ? WHY_WAIVED : '' } };
}
