/** Switches for a plain directory beside a runbook: the refusal names those that were given. */
import { expect, it } from 'vitest';
import { chooseSet, type SetFlags } from '../../../src/cli/migration-set.ts';
import type { ProblemError } from '../../../src/model/problem.ts';

const refused = (flags: SetFlags) =>
  chooseSet(flags, { runbook: 'small', root: '/nowhere', script: 'drydock' }).catch(
    ({ problem }: ProblemError) => problem,
  );

it('one is named with its way out', async () => {
  expect(await refused({ format: 'goose' })).toEqual({
    code: 'usage',
    message: '--format was given for the runbook small',
    expected: '--format with --dir only: a runbook says these things itself',
    next: 'leave it out',
    retry: 'stop',
  });
});

it('several are named together', async () => {
  expect(await refused({ schema: ['app'], set: ['a=b'] })).toMatchObject({
    message: '--schema and --set were given for the runbook small',
    next: 'leave them out',
  });
});
