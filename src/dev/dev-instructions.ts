/** What `pnpm dev` prints once everything is up: how to start, approve and watch a run. Pure: facts in, lines out. */

export interface DevFacts {
  /** The Temporal CLI as it has to be typed: `temporal`, or a path. */
  readonly temporal: string;
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string | undefined;
  readonly runbook: string;
  readonly target: string;
  /** Of the target's database, with its password: it is a throwaway one on this machine. */
  readonly databaseUrl: string;
}

/** Lines for a terminal. Every command can be pasted into a shell of its own after the first block. */
export function devInstructions(facts: DevFacts): string[] {
  const { temporal, runbook, target } = facts;
  const id = `${runbook}/${target}`;
  const input = JSON.stringify({ runbook, target, requestedBy: 'you' });
  const approval = '{"by":"you","reason":"window agreed","plan":"<digest>"}';
  return [
    'Everything is up. In another terminal:',
    '',
    `  export TEMPORAL_ADDRESS=${facts.address} TEMPORAL_NAMESPACE=${facts.namespace}`,
    `  export COMMUNICATION_DATABASE_URL='${facts.databaseUrl}'`,
    '',
    'Start a run:',
    `  ${temporal} workflow start --fail-existing --type runRunbook --task-queue drydock --workflow-id ${id} --input '${input}'`,
    '',
    'Watch it; the plan, its digest and the commands to answer with are in its state:',
    `  pnpm tsx src/cli/drydock.ts state ${id}`,
    `  pnpm tsx src/cli/drydock.ts watch ${id}`,
    `  ${temporal} workflow query --workflow-id ${id} --name state`,
    ...(facts.uiUrl ? [`  ${facts.uiUrl}/namespaces/${facts.namespace}/workflows`] : []),
    '',
    'Approve its drain window, with the digest of the plan you have read (8 digits of it are enough):',
    `  ${temporal} workflow update execute --workflow-id ${id} --name approve --input '${approval}'`,
    '',
    'Abort it; what was done is undone:',
    `  ${temporal} workflow update execute --workflow-id ${id} --name abort --input '{"by":"you","reason":"trying it out"}'`,
    '',
    'Ctrl-C ends the servers and the worker, and removes their data.',
  ];
}
