import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notifyAboutRun } from '../../../src/activities/notifications.ts';
import type { NotificationMessage } from '../../../src/model/notification.ts';
import { type OutsideService, startService } from '../drain/outside-service.ts';
import { type Checkout, makeCheckout, problemOf } from '../runbook/checkout.ts';

const TARGETS = `version: 1
targets:
  small:
    environment: test
    url: { env: NOT_SET }
    notify:
      - { name: ops, kind: webhook, url: { env: OPS_URL } }
      - { name: lost, kind: webhook, url: { env: NOT_SET } }
`;

const REF = {
  runbook: 'small',
  runbookDigest: '',
  target: 'small',
  workflowId: 'small/small',
  runId: 'run-1',
  patience: 'give-up',
} as const;

const MESSAGE: NotificationMessage = { ...REF, turn: 'done', environment: 'test', text: 'all is well', at: 'now' };

let checkout: Checkout;
let service: OutsideService;

beforeAll(async () => {
  checkout = await makeCheckout({ 'drydock.yaml': TARGETS });
  service = await startService(() => ({}));
});
afterAll(() => checkout.remove());

function notify(notifier: string): Promise<void> {
  const deps = {
    root: checkout.root,
    lookup: (name: string) => (name === 'OPS_URL' ? service.url : undefined),
    reportDirectory: 'reports',
    namespace: 'default',
    holderState: async () => 'unknown' as const,
  };
  const attempt = { signal: new AbortController().signal, progress: () => undefined };
  return notifyAboutRun(deps, { ref: REF, notifier, message: MESSAGE }, attempt);
}

describe('the activity that tells people', () => {
  it('needs neither the database nor its URL', async () => {
    await notify('ops');
    expect(service.asked.map(({ body }) => body)).toEqual(['{"text": "all is well"}']);
  });

  it('takes a notifier that is no longer there for nobody to tell', async () => {
    await notify('gone');
  });

  it('says where the URL of a webhook is missed', async () => {
    expect(await problemOf(notify('lost'))).toEqual({
      code: 'notification-failed',
      message: 'lost could not be told: a secret of the target small is not known here',
      found: 'environment variable NOT_SET: it is not set, or empty',
      expected: 'environment variable NOT_SET for the process that works on small',
      next: 'provide it, or correct the reference in drydock.yaml',
      retry: 'stop',
    });
  });
});
