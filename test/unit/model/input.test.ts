/** A start input is read, or refused with what would have been right. */
import { describe, expect, it } from 'vitest';
import { parseRunInput } from '../../../src/model/input.ts';

const input = { runbook: 'communication', target: 'local' };

const ACCEPTED = [
  ['approvalTimeout', '30d', { approvalTimeoutMs: 2_592_000_000 }],
  ['drain', '12h', { drainMs: 43_200_000 }],
  ['drainTimeout', '720m', { drainTimeoutMs: 43_200_000 }],
  ['drain', '1ms', { drainMs: 1 }],
] as const;

const REFUSED = [
  ['approvalTimeout', '31d', '"approvalTimeout" has to be more than 0 and at most 30 d, found "31d"'],
  ['approvalTimeout', '0m', '"approvalTimeout" has to be more than 0 and at most 30 d, found "0m"'],
  ['drain', '12h1ms', '"drain" has to be more than 0 and at most 12 h, found "12h1ms"'],
  ['drain', '0s', '"drain" has to be more than 0 and at most 12 h, found "0s"'],
  ['drain', '0.1ms', '"drain" has to be more than 0 and at most 12 h, found "0.1ms"'],
  ['drainTimeout', '1d', '"drainTimeout" has to be more than 0 and at most 12 h, found "1d"'],
  ['drainTimeout', '0h', '"drainTimeout" has to be more than 0 and at most 12 h, found "0h"'],
] as const;

describe('the durations of a start input', () => {
  it.each(ACCEPTED)('accepts %s %s', (key, text, window) => {
    expect(parseRunInput({ ...input, [key]: text })).toMatchObject({ ok: true, value: { ...input, window } });
  });

  it.each(REFUSED)('refuses %s %s and names the limit', (key, text, reason) => {
    expect(parseRunInput({ ...input, [key]: text })).toEqual({ ok: false, reason });
  });
});
