/** Cases of row-security. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages enable row level security',
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message:
            'ENABLE ROW LEVEL SECURITY on app.messages hides every row from whoever does not own it: this transaction makes no policy',
          instead:
            'CREATE POLICY messages_all ON app.messages USING (true);\nalter table app.messages enable row level security;',
        },
      ],
    },
    {
      up: 'create policy own on app.messages using (user_id = 1)',
      findings: [
        {
          at: 'up 1:1',
          severity: 'warning',
          message: 'CREATE POLICY takes ACCESS EXCLUSIVE on app.messages and changes which rows are seen',
          instead: null,
        },
      ],
    },
    {
      up: 'create policy own on app.messages using (user_id = 1);\nalter table app.messages enable row level security',
      findings: [
        {
          at: 'up 1:1',
          severity: 'warning',
          message: 'CREATE POLICY takes ACCESS EXCLUSIVE on app.messages and changes which rows are seen',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.new enable row level security',
    },
    { because: 'switching it off shows more, not less', up: 'alter table app.messages disable row level security' },
  ],
};
