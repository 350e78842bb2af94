import { describe, expect, it } from 'vitest';
import { neededStandbys, synchronousProblem } from '../../../src/checks/replica/synchronous.ts';
import { oneProblem } from '../../../src/checks/target/one-problem.ts';

describe('synchronous_standby_names', () => {
  it.each([
    ['', 0],
    ['  ', 0],
    ['east', 1],
    ['east, west', 1],
    ['*', 1],
    ['2 (east, west, north)', 2],
    ['FIRST 2 (east, "the west", north)', 2],
    ['first 1(east)', 1],
    ['ANY 3 (*)', 3],
    ['any', 1],
  ])('%j waits for %i', (names, needed) => {
    expect(neededStandbys(names)).toBe(needed);
  });

  it.each(['on', 'remote_write', 'remote_apply'])(
    'hangs with synchronous_commit = %s where too few are there',
    (commit) => {
      expect(synchronousProblem({ names: 'ANY 2 (a, b)', commit, connected: 1 })).toMatchObject({
        code: 'synchronous-standby-gone',
        message: 'a COMMIT would hang: 1 of 2 synchronous standbys connected',
      });
      expect(synchronousProblem({ names: 'ANY 2 (a, b)', commit, connected: 2 })).toBeUndefined();
    },
  );

  it.each(['off', 'local'])('hangs nobody with synchronous_commit = %s', (commit) => {
    expect(synchronousProblem({ names: 'a', commit, connected: 0 })).toBeUndefined();
  });
});

describe('several problems at once', () => {
  const first = { code: 'a', message: 'a is wrong', found: 'x', expected: 'y', next: 'do this' };

  it('are none, one as it is, or all of them under the code of the first, with nothing said twice', () => {
    expect(oneProblem([])).toBeUndefined();
    expect(oneProblem([first])).toBe(first);
    expect(oneProblem([first, { code: 'b', message: 'b is wrong', found: 'z', next: 'do this' }])).toEqual({
      code: 'a',
      message: 'a is wrong; b is wrong',
      found: 'x\nz',
      expected: 'y',
      next: 'do this',
    });
  });
});
