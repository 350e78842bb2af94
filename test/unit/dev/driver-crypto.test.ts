/** What the built command has in place of the driver's cryptography gives the driver's answers. */
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

const require = createRequire(import.meta.url);

interface DriverCrypto {
  readonly randomBytes: (length: number) => Buffer;
  readonly md5: (text: string | Buffer) => Promise<string>;
  readonly sha256: (data: Buffer) => Promise<ArrayBuffer>;
  readonly hashByName: (name: string, data: Buffer) => Promise<ArrayBuffer>;
  readonly hmacSha256: (key: ArrayBuffer | Buffer, text: string) => Promise<ArrayBuffer>;
  readonly deriveKey: (password: string, salt: Buffer, iterations: number) => Promise<ArrayBuffer>;
  readonly postgresMd5PasswordHash: (user: string, password: string, salt: Buffer) => Promise<string>;
}

const ours = require('../../../src/dev/build/driver-crypto.cjs') as DriverCrypto;
const theirs = require('pg/lib/crypto/utils') as DriverCrypto;

const hex = (bytes: ArrayBuffer) => Buffer.from(bytes).toString('hex');

describe.each(['', 'secret', 'pässwörd mit Leerzeichen', '密码🔑', 'x'.repeat(300)])('of %j', (text) => {
  const bytes = Buffer.from(`${text}!`);

  it.each<[string, (crypto: DriverCrypto) => Promise<string>]>([
    ['md5 of a text', (crypto) => crypto.md5(text)],
    ['md5 of bytes', (crypto) => crypto.md5(bytes)],
    ['sha256', async (crypto) => hex(await crypto.sha256(bytes))],
    ['a hash as certificates name it', async (crypto) => hex(await crypto.hashByName('SHA-384', bytes))],
    ['hmac', async (crypto) => hex(await crypto.hmacSha256(bytes, text))],
    ['hmac with a hash as its key', async (crypto) => hex(await crypto.hmacSha256(await crypto.sha256(bytes), text))],
    ['a key', async (crypto) => hex(await crypto.deriveKey(text, bytes, 4096))],
    ['a password for the old way to log in', (crypto) => crypto.postgresMd5PasswordHash(text, `${text}?`, bytes)],
  ])('%s', async (_, of) => {
    expect(await of(ours)).toBe(await of(theirs));
  });
});

it('random bytes are as many as were asked for, and never the same', () => {
  expect(ours.randomBytes(18)).toHaveLength(18);
  expect(ours.randomBytes(18).equals(ours.randomBytes(18))).toBe(false);
});
