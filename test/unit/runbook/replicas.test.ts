import { describe, expect, it } from 'vitest';
import { loadTargets } from '../../../src/runbook/targets.ts';
import { makeCheckout, problemOf } from './checkout.ts';

async function replicasOf(replicas: string) {
  const text = `version: 1
targets:
  small:
    environment: development
    url: { env: SMALL_URL }
    replicas:
${replicas}`;
  const checkout = await makeCheckout({ 'drydock.yaml': text });
  try {
    return await loadTargets(checkout.root).then(
      ([one]) => one!.view.replicas,
      (error: unknown) => problemOf(Promise.reject(error)),
    );
  } finally {
    await checkout.remove();
  }
}

describe('replicas of a target', () => {
  it('may be a number alone, and then say nothing more', async () => {
    expect(await replicasOf('      expected: 2\n')).toEqual({ expected: 2 });
  });

  it('are asked themselves where their URLs are named, and watched with what was not said filled in', async () => {
    expect(
      await replicasOf(`      expected: 2
      longQuery: 90s
      members:
        - { name: east, url: { env: EAST_URL } }
        - { name: west, url: { file: /run/secrets/west } }
      watch: {}
`),
    ).toEqual({
      expected: 2,
      longQueryMs: 90_000,
      members: [
        { name: 'east', url: { env: 'EAST_URL' } },
        { name: 'west', url: { file: '/run/secrets/west' } },
      ],
      watch: { holdAboveMs: 5_000, resumeBelowMs: 1_000, giveUpAfterMs: 1_800_000 },
    });
  });

  it('go on well below what stops them', async () => {
    expect(await replicasOf('      expected: 1\n      watch: { holdAbove: 2s, resumeBelow: 2s }\n')).toMatchObject({
      code: 'targets-invalid',
      found:
        'drydock.yaml:8:44: resumeBelow: has to be less than holdAbove: a run that stood still goes on only well below what stopped it',
    });
    expect(await replicasOf('      expected: 1\n      watch: { holdAbove: 800ms }\n')).toMatchObject({
      found: expect.stringContaining('resumeBelow: has to be less than holdAbove'),
    });
    expect(await replicasOf('      expected: 1\n      watch: { resumeBelow: 0s }\n')).toMatchObject({
      found: 'drydock.yaml:8:29: resumeBelow: has to be more than 0',
    });
  });

  it('have names of their own, and their URLs stay out of the file', async () => {
    const twice = `      expected: 1
      members:
        - { name: east, url: { env: EAST_URL } }
        - { name: east, url: { env: WEST_URL } }
`;
    expect(await replicasOf(twice)).toMatchObject({
      found:
        'drydock.yaml:9:9: members: two of these have the same name; give each replica an application_name of its own',
    });
    const literal = `      expected: 1
      members: [{ name: east, url: 'postgres://a:hunter2@db/x' }]
`;
    const problem = await replicasOf(literal);
    expect(JSON.stringify(problem)).not.toContain('hunter2');
    expect(problem).toMatchObject({ found: expect.stringContaining('a URL is a secret') });
  });
});
