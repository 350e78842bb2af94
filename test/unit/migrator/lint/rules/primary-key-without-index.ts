/** Cases of primary-key-without-index. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.keyless add primary key (a)',
      findings: [
        {
          at: 'up 1:25',
          severity: 'error',
          message: 'ADD PRIMARY KEY holds ACCESS EXCLUSIVE on app.keyless while its index is built',
          instead:
            'CREATE UNIQUE INDEX CONCURRENTLY keyless_pkey ON app.keyless (a);\nALTER TABLE app.keyless ADD CONSTRAINT keyless_pkey PRIMARY KEY USING INDEX keyless_pkey;',
        },
      ],
    },
    {
      up: 'alter table app.keyless add constraint keyless_key primary key (a, b)',
      findings: [
        {
          at: 'up 1:25',
          severity: 'error',
          message: 'ADD PRIMARY KEY holds ACCESS EXCLUSIVE on app.keyless while its index is built',
          instead:
            'ALTER TABLE app.keyless ADD CONSTRAINT keyless_b_not_null CHECK (b IS NOT NULL) NOT VALID;\n-- then, in a migration of its own:\nALTER TABLE app.keyless VALIDATE CONSTRAINT keyless_b_not_null;\n-- then, in a migration of its own:\nALTER TABLE app.keyless ALTER COLUMN b SET NOT NULL;\nALTER TABLE app.keyless DROP CONSTRAINT keyless_b_not_null;\n-- then, in a migration of its own:\nCREATE UNIQUE INDEX CONCURRENTLY keyless_key ON app.keyless (a, b);\nALTER TABLE app.keyless ADD CONSTRAINT keyless_key PRIMARY KEY USING INDEX keyless_key;',
        },
      ],
    },
    {
      up: 'alter table app.keyless add column id uuid primary key',
      findings: [
        {
          at: 'up 1:44',
          severity: 'error',
          message: 'ADD COLUMN id PRIMARY KEY holds ACCESS EXCLUSIVE on app.keyless while its index is built',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    {
      because: 'it takes an index over',
      up: 'alter table app.keyless add constraint k primary key using index keyless_a',
    },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.new add primary key (id)',
    },
  ],
};
