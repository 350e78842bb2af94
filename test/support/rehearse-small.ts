/** Rehearses the small runbook's pending migrations as the command does it on the same server; keeping the result is for the test. */
import { rehearse } from '../../src/migrator/rehearsal/rehearse.ts';
import type { Rehearsal } from '../../src/model/rehearsal.ts';
import type { World } from './world.ts';

export function rehearseSmall({ database, root }: World): Promise<Rehearsal> {
  return rehearse({
    target: {
      url: database.url,
      root,
      directory: 'migrations/small',
      schemas: ['app'],
      ledgerSchema: 'app',
      owner: { appliedBy: 'tester', runId: null },
      claim: { kind: 'standalone' },
    },
    environment: 'test',
    on: { kind: 'same-server' },
    scope: 'pending',
    stub: null,
    startEmbedded: undefined,
    emit: () => undefined,
  });
}
