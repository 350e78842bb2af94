/** A call as text to paste: whole, quoted for a shell, and without what nobody may read over a shoulder. */
import { expect, it } from 'vitest';
import type { CommandSpec, CommonFlags } from '../../../src/cli/command.ts';
import { invocationOf } from '../../../src/cli/invocation.ts';

const SPEC: CommandSpec = {
  name: 'rehearse',
  about: '',
  options: [
    ['--on <where>', ''],
    ['--all', ''],
    ['--stub <file>', ''],
  ],
  work: () => Promise.reject(new Error('it is not run')),
};

const called = (flags: object) =>
  invocationOf({ script: 'drydock' }, SPEC, { operands: [], ...flags } as unknown as CommonFlags);

it('says what was given, quoted where a shell needs it', () => {
  expect(
    called({ on: 'embedded', all: true, stub: "it's a stub.sql", operands: ['007'], dir: 'my files' }),
  ).toMatchObject({
    called: `rehearse 007 --on embedded --all --stub 'it'\\''s a stub.sql'`,
    where: `--dir 'my files'`,
  });
});

it('never writes out a URL, nor a value that was set', () => {
  const url = 'postgres://anna:secret@db.example:5432/app';
  const said = called({ on: url, url, set: ['token=secret'] });
  expect(said).toMatchObject({ called: 'rehearse --on $OTHER_URL', where: '--set token=VALUE --url $URL' });
});
