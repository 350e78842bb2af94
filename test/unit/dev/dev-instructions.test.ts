import { expect, test } from 'vitest';
import { devInstructions } from '../../../src/dev/dev-instructions.ts';

test('pnpm dev prints how to start, watch, approve and abort', () => {
  const lines = devInstructions({
    temporal: '/cache/temporal',
    address: '127.0.0.1:7233',
    namespace: 'default',
    uiUrl: 'http://127.0.0.1:8233',
    runbook: 'communication',
    target: 'dev',
    databaseUrl: 'postgresql://postgres:secret@127.0.0.1:5432/communication_dev',
  });
  expect(lines.join('\n')).toBe(`Everything is up. In another terminal:

  export TEMPORAL_ADDRESS=127.0.0.1:7233 TEMPORAL_NAMESPACE=default
  export COMMUNICATION_DATABASE_URL='postgresql://postgres:secret@127.0.0.1:5432/communication_dev'

Start a run:
  /cache/temporal workflow start --fail-existing --type runRunbook --task-queue drydock --workflow-id communication/dev --input '{"runbook":"communication","target":"dev","requestedBy":"you"}'

Watch it; the plan, its digest and the commands to answer with are in its state:
  pnpm tsx src/cli/drydock.ts state communication/dev
  pnpm tsx src/cli/drydock.ts watch communication/dev
  /cache/temporal workflow query --workflow-id communication/dev --name state
  http://127.0.0.1:8233/namespaces/default/workflows

Approve its drain window, with the digest of the plan you have read (8 digits of it are enough):
  /cache/temporal workflow update execute --workflow-id communication/dev --name approve --input '{"by":"you","reason":"window agreed","plan":"<digest>"}'

Abort it; what was done is undone:
  /cache/temporal workflow update execute --workflow-id communication/dev --name abort --input '{"by":"you","reason":"trying it out"}'

Ctrl-C ends the servers and the worker, and removes their data.`);
});

test('without a UI its address is left out', () => {
  const facts = { temporal: 't', address: 'a', namespace: 'n', runbook: 'r', target: 't', databaseUrl: 'd' };
  expect(devInstructions({ ...facts, uiUrl: undefined }).join('\n')).not.toContain('http');
});
