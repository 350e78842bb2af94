/** Cases of varchar-limit. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'create table app.new (code varchar(20) not null, other text)',
      findings: [
        {
          at: 'up 1:28',
          severity: 'warning',
          message: 'app.new.code is varchar(20), whose limit is part of the type',
          instead: 'create table app.new (code text CHECK (char_length(code) <= 20) not null, other text);',
        },
      ],
    },
    {
      up: 'alter table app.messages add column code character varying(20)',
      findings: [
        {
          at: 'up 1:42',
          severity: 'warning',
          message: 'app.messages.code is varchar(20), whose limit is part of the type',
          instead:
            'alter table app.messages add column code text;\nALTER TABLE app.messages ADD CONSTRAINT messages_code_length CHECK (char_length(code) <= 20) NOT VALID;\n-- then, in a migration of its own:\nALTER TABLE app.messages VALIDATE CONSTRAINT messages_code_length;',
        },
      ],
    },
  ],
  silent: [{ because: 'without a limit it is text', up: 'create table app.new (a varchar)' }],
};
