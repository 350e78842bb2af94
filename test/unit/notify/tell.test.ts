import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { NotificationMessage, Notifier } from '../../../src/model/notification.ts';
import { ProblemError } from '../../../src/model/problem.ts';
import { tell } from '../../../src/notify/tell.ts';
import { type Answer, closedUrl, startService } from '../drain/outside-service.ts';
import { problemOf } from '../runbook/checkout.ts';

const MESSAGE: NotificationMessage = {
  turn: 'approval-asked',
  runbook: 'communication',
  target: 'production',
  environment: 'production',
  workflowId: 'communication/production',
  runId: 'run-1',
  text: 'run communication: "approve" <!channel> & `drydock approve`',
  at: '2026-11-22T14:03:07.000Z',
};

const OPS: Notifier = { name: 'ops', kind: 'webhook', url: { env: 'OPS_URL' } };

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** A chat that takes webhooks at a secret address. */
async function setup(answers: Answer[] = []) {
  const service = await startService(() => answers.shift() ?? { body: 'ok' });
  const secret = async () => `${service.url}/services/hunter2?token=hunter3`;
  return { service, say: (notifier: Notifier = OPS, more = {}) => tell(notifier, MESSAGE, { secret, ...more }) };
}

describe('a webhook', () => {
  it('gets what Slack takes, in which nobody can call a whole channel', async () => {
    const { service, say } = await setup();
    await say();
    expect(service.asked).toMatchObject([
      {
        method: 'POST',
        path: '/services/hunter2?token=hunter3',
        headers: { 'content-type': 'application/json' },
        body: '{"text": "run communication: \\"approve\\" &lt;!channel&gt; &amp; `drydock approve`"}',
      },
    ]);
  });

  it('gets JSON of its own, filled in', async () => {
    const { service, say } = await setup();
    const template =
      '{"channel": "#ops", "turn": "{{ turn }}", "body": {"text": "{{text}}", "of": "{{runbook}}/{{target}}"}, "at": "{{at}}"}';
    await say({ ...OPS, template } as Notifier);
    expect(service.asked[0]?.body).toBe(
      '{"channel": "#ops", "turn": "approval-asked", "body": {"text": "run communication: \\"approve\\" <!channel> & `drydock approve`", "of": "communication/production"}, "at": "2026-11-22T14:03:07.000Z"}',
    );
  });

  it('that answers 503 may be told again, and is told then', async () => {
    const { service, say } = await setup([{ status: 503, body: 'hunter2' }]);
    expect(await problemOf(say())).toEqual({
      code: 'notification-failed',
      message: 'ops could not be told',
      found: 'it answered 503',
      expected: 'an answer of 2xx',
      next: 'nothing: it is tried again, and the run goes on',
      retry: 'retry',
    });
    await say();
    expect(service.asked).toHaveLength(2);
  });

  it('that refuses is not told again', async () => {
    const { say } = await setup([{ status: 404 }]);
    expect(await problemOf(say())).toMatchObject({
      found: 'it answered 404',
      next: 'correct the URL in environment variable OPS_URL',
      retry: 'stop',
    });
  });

  it.each<[string, Answer, string, string]>([
    ['is asked to wait', { status: 429 }, 'it answered 429', 'retry'],
    ['is cut off', { cut: true }, 'the connection was cut (UND_ERR_SOCKET)', 'retry'],
    ['hears nothing', { silent: true }, 'no answer within 0.1 s', 'retry'],
    ['is sent elsewhere', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'it answered 302', 'stop'],
  ])('says so when it %s', async (_, answer, found, retry) => {
    const { say } = await setup([answer]);
    expect(await problemOf(say(OPS, { timeoutMs: 100 }))).toMatchObject({ found, retry });
  });

  it('never has its URL in an error', async () => {
    const url = await closedUrl();
    const secrets = [`${url}/hunter2`, 'https://user:hunter2@127.0.0.1/', 'hunter2', 'http://hunter2.invalid:99999/'];
    const problems = await Promise.all(
      secrets.map((secret) => problemOf(tell(OPS, MESSAGE, { secret: async () => secret }))),
    );
    expect(problems.map(({ found }) => found)).toEqual([
      'the connection was refused (ECONNREFUSED)',
      'a header or the URL holds what cannot be sent (a line break, a password before the host?)',
      'the URL is no http or https URL',
      'the URL is no http or https URL',
    ]);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('whose URL is not known here says where it is missed', async () => {
    const secret = async (): Promise<string> => {
      throw new ProblemError({
        code: 'secret-missing',
        message: 'a secret is not known here',
        found: 'OPS_URL: not set',
      });
    };
    expect(await problemOf(tell(OPS, MESSAGE, { secret }))).toEqual({
      code: 'notification-failed',
      message: 'ops could not be told: a secret is not known here',
      found: 'OPS_URL: not set',
      retry: 'stop',
    });
  });

  it('is left at once when the work is interrupted', async () => {
    const { say } = await setup([{ silent: true }]);
    expect((await problemOf(say(OPS, { signal: AbortSignal.timeout(20) }))).code).toBe('interrupted');
  });
});

describe('a command', () => {
  it('gets the message as JSON on its standard input', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drydock-notify-'));
    folders.push(folder);
    const { say } = await setup();
    await say({ name: 'pager', kind: 'command', run: ['sh', '-c', 'cat > "$0"', join(folder, 'message')] });
    expect(JSON.parse(await readFile(join(folder, 'message'), 'utf8'))).toEqual(MESSAGE);
  });

  it('may end without reading it', async () => {
    const { say } = await setup();
    await say({ name: 'pager', kind: 'command', run: ['true'] });
  });

  it('that fails, hangs or is not there is said, and only the first two may pass', async () => {
    const { say } = await setup();
    const problems = await Promise.all(
      [['sh', '-c', 'echo no route >&2; exit 4'], ['sleep', '600'], ['/nowhere/page']].map((run) =>
        problemOf(say({ name: 'pager', kind: 'command', run }, { timeoutMs: 500 })),
      ),
    );
    expect(problems.map(({ found, retry }) => [found, retry])).toEqual([
      ['sh: exit code 4: no route', 'retry'],
      ['sleep: it did not end in time and was ended', 'retry'],
      ['/nowhere/page: it could not be started: ENOENT', 'stop'],
    ]);
    expect(problems[0]).toEqual({
      code: 'notification-failed',
      message: 'pager could not be told',
      found: 'sh: exit code 4: no route',
      expected: 'exit code 0',
      next: 'run it by hand where the worker runs, with a message on its standard input',
      retry: 'retry',
    });
  });
});
