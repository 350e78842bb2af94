/** `plan`: what a run would do, or did: the thing that is approved. */
import type { Command } from 'commander';
import { type RunRead, readRun } from '../../client/read.ts';
import type { Plan } from '../../model/plan.ts';
import { ProblemError } from '../../model/problem.ts';
import { planText } from '../../report/plan-text.ts';
import type { ExitCode } from '../exit-codes.ts';
import { act, answer, RUN_HELP, type RunContext, wantedRun, withJson, withTemporal } from './run-context.ts';

export function addPlanCommand(program: Command, context: RunContext): void {
  const command = program
    .command('plan')
    .description('What a run would do: migrations with checksums, checks, window, and the digest to approve.')
    .argument('[run]', RUN_HELP);
  withJson(command).action((run: string | undefined, { json }: { readonly json?: boolean }) =>
    act(context, { name: 'plan', json }, () =>
      withTemporal<ExitCode>(context, async (link) => {
        const plan = planOf(context, await readRun(link, await wantedRun(context, link, run)));
        answer(context, json, plan, () => planText(plan, context.palette));
        return 0;
      }),
    ),
  );
}

function planOf({ cli }: RunContext, { plan, state, run }: RunRead): Plan {
  if (plan) return plan;
  throw new ProblemError({
    code: 'plan-missing',
    message: `the run ${run.workflowId} has no plan${run.closed ? '' : ' yet'}`,
    found: state.sentence ?? `it is in phase ${state.phase}`,
    next: `${cli} state ${run.workflowId}`,
  });
}
