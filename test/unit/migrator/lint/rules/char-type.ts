/** Cases of char-type. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'create table app.new (code char(3) not null)',
      findings: [
        {
          at: 'up 1:28',
          severity: 'warning',
          message: 'app.new.code is character(3), which fills values up with blanks',
          instead: 'create table app.new (code text not null);',
        },
      ],
    },
    {
      up: 'alter table app.messages add column flag char',
      findings: [
        {
          at: 'up 1:42',
          severity: 'warning',
          message: 'app.messages.flag is character(1), which fills values up with blanks',
          instead: 'alter table app.messages add column flag text;',
        },
      ],
    },
  ],
  silent: [
    { because: '"char" is a byte, and another type', up: 'create table app.new (a "char", b bpchar[], c text)' },
  ],
};
