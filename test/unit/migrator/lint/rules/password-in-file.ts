/** Cases of password-in-file. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: "create role reader login password 'secret'",
      findings: [
        { at: 'up 1:26', severity: 'error', message: 'the password of a role stands in the file', instead: null },
      ],
    },
    {
      up: "alter role reader password 'secret'",
      findings: [
        { at: 'up 1:19', severity: 'error', message: 'the password of a role stands in the file', instead: null },
      ],
    },
  ],
  silent: [
    { because: 'there is none', up: 'create role reader login' },
    { because: 'none is no secret', up: 'alter role reader password null' },
  ],
};
