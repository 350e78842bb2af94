import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadTargets } from '../../../src/runbook/targets.ts';
import { makeCheckout, problemOf } from './checkout.ts';

const target = (members: string) => `version: 1
targets:
  small:
    environment: development
    url: { env: SMALL_URL }
${members}`;

async function viewOf(members: string) {
  const checkout = await makeCheckout({ 'drydock.yaml': target(members) });
  try {
    return await loadTargets(checkout.root).then(
      ([one]) => one!.view,
      (error: unknown) => problemOf(Promise.reject(error)),
    );
  } finally {
    await checkout.remove();
  }
}

describe('consumers of a target', () => {
  it('are of four kinds, with defaults for what is left out', async () => {
    expect(
      await viewOf(`    consumers:
      - name: mailer
        kind: http
        pause: { url: https://mailer.internal/pause, headers: { Authorization: { env: MAILER_TOKEN } } }
        resume: { method: DELETE, url: https://mailer.internal/pause, body: '{}' }
        status: { url: { file: /run/secrets/mailer-url }, field: worker.paused, stopped: true, running: false }
      - { name: cron, kind: command, timeout: 5m, pause: [cron, pause], resume: [/bin/cron, resume], status: [cron, state] }
      - { name: jobs, kind: sql, pause: update a, resume: update b, status: select c, url: { env: JOBS_URL } }
      - { name: feed, kind: subscription, subscription: Feed }
`),
    ).toMatchObject({
      consumers: [
        {
          name: 'mailer',
          kind: 'http',
          timeoutMs: 60_000,
          pause: {
            method: 'POST',
            url: 'https://mailer.internal/pause',
            headers: { Authorization: { env: 'MAILER_TOKEN' } },
          },
          resume: { method: 'DELETE', url: 'https://mailer.internal/pause', body: '{}' },
          status: {
            method: 'GET',
            url: { file: '/run/secrets/mailer-url' },
            field: 'worker.paused',
            stopped: 'true',
            running: 'false',
          },
        },
        {
          name: 'cron',
          kind: 'command',
          timeoutMs: 300_000,
          pause: ['cron', 'pause'],
          resume: ['/bin/cron', 'resume'],
          status: ['cron', 'state'],
        },
        {
          name: 'jobs',
          kind: 'sql',
          timeoutMs: 60_000,
          pause: 'update a',
          resume: 'update b',
          status: 'select c',
          url: { env: 'JOBS_URL' },
        },
        { name: 'feed', kind: 'subscription', timeoutMs: 60_000, subscription: 'Feed' },
      ],
    });
  });

  it('are refused with every problem and its line, and no secret is repeated', async () => {
    const problem = await viewOf(`    consumers:
      - name: Mailer
        kind: http
        pause: { url: https://admin:hunter2@mailer/pause, headers: { X-Api-Key: hunter2, 'a b': c } }
        resume: { url: https://mailer/resume?access_token=hunter2, method: PATCH }
        status: { url: mailer/status, fild: state }
      - { name: cron, kind: command, pause: cron pause, resume: [./cron, resume], status: [] }
      - { name: jobs, kind: sql, pause: '', resume: b, status: c, url: postgres://hunter2@jobs }
      - { name: jobs, kind: subscription, subscription: feed, timeout: soon }
      - { name: queue, kind: kafka }
`);
    expect(JSON.stringify(problem)).not.toContain('hunter2');
    expect((problem as { found: string }).found.split('\n')).toMatchInlineSnapshot(`
      [
        "drydock.yaml:7:15: name: a name is lower-case letters, digits and dashes, and starts with a letter",
        "drydock.yaml:9:23: url: this URL holds a secret: write { env: NAME } or { file: path } instead",
        "drydock.yaml:9:81: X-Api-Key: a secret does not belong in this file: write { env: NAME } or { file: path }",
        "drydock.yaml:9:97: a b: not the name of a header",
        "drydock.yaml:10:24: url: this URL holds a secret: write { env: NAME } or { file: path } instead",
        "drydock.yaml:10:76: method: expected one of GET, POST, PUT, DELETE, found "PATCH"",
        "drydock.yaml:11:24: url: a URL that starts with http:// or https://, or { env: NAME } or { file: path } where it is a secret",
        "drydock.yaml:11:39: unknown key "fild"; did you mean "field"?",
        "drydock.yaml:12:45: pause: a list of a program and its arguments, such as [/usr/local/bin/workers, pause]; no shell reads it",
        "drydock.yaml:12:66: a program is a name that is found on PATH, or an absolute path",
        "drydock.yaml:12:91: status: a list of a program and its arguments, such as [/usr/local/bin/workers, pause]; no shell reads it",
        "drydock.yaml:13:41: pause: this statement is empty",
        "drydock.yaml:13:72: url: a URL is a secret and does not belong in this file: write { env: NAME } for an environment variable of the worker, or { file: path } for a secret that is mounted as a file",
        "drydock.yaml:14:17: two consumers of this target are called "jobs"",
        "drydock.yaml:14:72: timeout: a duration needs a number and a unit, such as 500ms, 5s, 5m, 4h or 1h30m",
        "drydock.yaml:15:30: kind: expected one of http, command, sql, subscription, found "kafka"",
      ]
    `);
  });
});

describe('who is told by a target', () => {
  it('is a webhook or a command, about all turns or some', async () => {
    expect(
      await viewOf(`    notify:
      - { name: ops, kind: webhook, url: { env: OPS_WEBHOOK_URL } }
      - { name: board, kind: webhook, url: { file: /run/secrets/board }, on: [done], template: '{"text": "{{text}}"}' }
      - { name: pager, kind: command, run: [page, --team, db], on: [step-failed, not-done] }
`),
    ).toMatchObject({
      notify: [
        { name: 'ops', kind: 'webhook', url: { env: 'OPS_WEBHOOK_URL' } },
        {
          name: 'board',
          kind: 'webhook',
          url: { file: '/run/secrets/board' },
          on: ['done'],
          template: '{"text": "{{text}}"}',
        },
        { name: 'pager', kind: 'command', run: ['page', '--team', 'db'], on: ['step-failed', 'not-done'] },
      ],
    });
  });

  it('is refused with every problem and its line', async () => {
    const problem = await viewOf(`    notify:
      - { name: ops, kind: webhook, url: https://hooks.example/hunter2 }
      - { name: ops, kind: webhook, url: { env: A }, template: '{"text": {{text}}}' }
      - { name: two, kind: webhook, url: { env: A }, template: '{"text": "{{txt}}"}' }
      - { name: three, kind: webhook, url: { env: A }, template: 'text={{text}}' }
      - { name: four, kind: command, run: [page], on: [step-faild] }
      - { name: five, kind: command, run: [page], on: [] }
`);
    expect(JSON.stringify(problem)).not.toContain('hunter2');
    expect((problem as { found: string }).found.split('\n')).toMatchInlineSnapshot(`
      [
        "drydock.yaml:7:42: url: a URL is a secret and does not belong in this file: write { env: NAME } for an environment variable of the worker, or { file: path } for a secret that is mounted as a file",
        "drydock.yaml:8:17: two notifiers of this target are called "ops"",
        "drydock.yaml:8:64: template: this is no JSON once it is filled in; every {{…}} has to stand inside a text in double quotes",
        "drydock.yaml:9:64: template: {{txt}} is none of text, slackText, turn, runbook, target, environment, workflowId, runId, at",
        "drydock.yaml:10:66: template: this is no JSON once it is filled in; every {{…}} has to stand inside a text in double quotes",
        "drydock.yaml:11:56: expected one of approval-asked, decision-asked, approved, draining, standing-still, paused, step-failed, compensated, released, done, not-done, found "step-faild"; did you mean "step-failed"?",
        "drydock.yaml:12:55: on: this list is empty",
      ]
    `);
  });
});

describe('the examples that people copy', () => {
  it.each(['consumers', 'notifications'])('can be read, in the page about %s', async (page) => {
    const text = await readFile(`docs/checklist/${page}.md`, 'utf8');
    const example = /```yaml\n(.*?)```/s.exec(text)?.[1] ?? '';
    expect(await viewOf(example.replace(/^(?=.)/gm, '    '))).toMatchObject({ name: 'small' });
  });

  it('can be read, in drydock.yaml', async () => {
    const text = await readFile('drydock.yaml', 'utf8');
    const [first, example = ''] = text.split(/^(?= {2}# production:)/m);
    const checkout = await makeCheckout({ 'drydock.yaml': `${first}${example.replace(/^ {2}# /gm, '  ')}` });
    const views = (await loadTargets(checkout.root)).map(({ view }) => view);
    await checkout.remove();
    expect(views.at(-1)).toMatchObject({ name: 'production', consumers: [{ name: 'mailer' }, { name: 'warehouse' }] });
  });
});
