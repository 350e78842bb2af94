import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { copiedTo } from '../../../src/dev/postgres/binary-copy.ts';
import { isReachable, reachableTmpdir } from '../../../src/dev/postgres/server-user.ts';

/** A folder of programs that only its owner may enter, and a base for copies. */
function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const source = join(folder, 'native');
  mkdirSync(join(source, 'bin'), { recursive: true, mode: 0o700 });
  writeFileSync(join(source, 'bin', 'postgres'), 'program', { mode: 0o700 });
  writeFileSync(join(source, 'readme'), 'text', { mode: 0o600 });
  symlinkSync('readme', join(source, 'link'));
  const base = join(folder, 'base');
  mkdirSync(base);
  const copies: string[] = [];
  return { source, base, copies, copy: () => copiedTo(source, base, '15', (to) => copies.push(to)) };
}

const modeOf = (path: string): string => (lstatSync(path).mode & 0o777).toString(8);

test('the copy can be read and run by everyone and written by nobody else', () => {
  const { copy } = setup();
  const target = copy();
  expect([target, join(target, 'bin'), join(target, 'bin', 'postgres'), join(target, 'readme')].map(modeOf)).toEqual([
    '755',
    '755',
    '755',
    '644',
  ]);
  expect(readlinkSync(join(target, 'link'))).toBe('readme');
});

test('it is copied once, and again when a file has been cleaned away', () => {
  const { copy, copies } = setup();
  const target = copy();
  expect(copy()).toBe(target);
  expect(copies).toEqual([target]);
  rmSync(join(target, 'bin', 'postgres'));
  copy();
  expect(copies).toEqual([target, target]);
  expect(readFileSync(join(target, 'bin', 'postgres'), 'utf8')).toBe('program');
});

test('the same package installed with files in place of links does not replace the copy under a running server', () => {
  const { source, copy, copies } = setup();
  copy();
  rmSync(join(source, 'link'));
  writeFileSync(join(source, 'link'), 'text');
  copy();
  expect(copies).toHaveLength(1);
});

test('a folder that someone else could write to is refused', () => {
  const { base, copy } = setup();
  const own = join(base, `drydock-${process.getuid!()}`);
  mkdirSync(own);
  chmodSync(own, 0o777);
  expect(copy).toThrow(
    expect.objectContaining({
      problem: {
        code: 'foreign-cache-folder',
        message: `the folder ${own} cannot be trusted with programs to run`,
        found: `it belongs to user ${process.getuid!()} and has mode 777`,
        expected: `a folder of user ${process.getuid!()} that nobody else can write to`,
        next: `look at it, then: rm -rf ${own}`,
        retry: 'stop',
      },
    }),
  );
  expect(existsSync(join(own, 'postgres'))).toBe(false);
});

test('a private folder is not reachable for another user, a public one is', () => {
  const someone = { uid: 54_321, gid: 54_321 };
  const { base } = setup();
  expect(isReachable(base, someone)).toBe(false);
  expect(isReachable(reachableTmpdir(someone), someone)).toBe(true);
  expect(isReachable('/nonexistent', someone)).toBe(false);
});
