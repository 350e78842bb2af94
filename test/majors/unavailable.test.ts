/** Stands in for the tests of a major that cannot be had here: it is skipped, and says why. */
import { expect, inject, test } from 'vitest';

test('the tests of this major', ({ skip }) => {
  const major = inject('major');
  skip(major.kind === 'missing', major.kind === 'missing' ? major.reason : '');
  expect.fail('this file is for majors that are not there');
});
