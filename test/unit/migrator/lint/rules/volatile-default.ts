/** Cases of volatile-default. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages add column token uuid not null default gen_random_uuid()',
      findings: [
        {
          at: 'up 1:57',
          severity: 'error',
          message: 'ADD COLUMN token DEFAULT gen_random_uuid() rewrites app.messages under ACCESS EXCLUSIVE',
          instead:
            'ALTER TABLE app.messages ADD COLUMN token uuid;\nALTER TABLE app.messages ALTER COLUMN token SET DEFAULT gen_random_uuid();\n-- then by a job outside of migrations, again and again until it changes no row:\nUPDATE app.messages SET token = gen_random_uuid() WHERE ctid = ANY (ARRAY(SELECT ctid FROM app.messages WHERE token IS NULL LIMIT 1000 FOR UPDATE SKIP LOCKED));',
        },
      ],
    },
    {
      up: "alter table app.messages add column at timestamptz default (clock_timestamp() + interval '1 day')",
      findings: [
        {
          at: 'up 1:52',
          severity: 'error',
          message: 'ADD COLUMN at DEFAULT clock_timestamp() rewrites app.messages under ACCESS EXCLUSIVE',
          instead:
            "ALTER TABLE app.messages ADD COLUMN at timestamptz;\nALTER TABLE app.messages ALTER COLUMN at SET DEFAULT (clock_timestamp() + interval '1 day');\n-- then by a job outside of migrations, again and again until it changes no row:\nUPDATE app.messages SET at = (clock_timestamp() + interval '1 day') WHERE ctid = ANY (ARRAY(SELECT ctid FROM app.messages WHERE at IS NULL LIMIT 1000 FOR UPDATE SKIP LOCKED));",
        },
      ],
    },
    {
      up: 'alter table app.messages add column code text default app.make_code()',
      notRun: 'there is no such function',
      findings: [
        {
          at: 'up 1:47',
          severity: 'warning',
          message: 'ADD COLUMN code DEFAULT app.make_code() may rewrite app.messages under ACCESS EXCLUSIVE',
          instead:
            'ALTER TABLE app.messages ADD COLUMN code text;\nALTER TABLE app.messages ALTER COLUMN code SET DEFAULT app.make_code();\n-- then by a job outside of migrations, again and again until it changes no row:\nUPDATE app.messages SET code = app.make_code() WHERE ctid = ANY (ARRAY(SELECT ctid FROM app.messages WHERE code IS NULL LIMIT 1000 FOR UPDATE SKIP LOCKED));',
        },
      ],
    },
  ],
  silent: [
    {
      because: 'now() is one value for all rows',
      up: 'alter table app.messages add column at timestamptz not null default now()',
    },
    {
      because: 'a constant is kept in the catalog',
      up: "alter table app.messages add column a text default 'x' || 'y'",
    },
    {
      because: 'rows that come later are computed one by one anyway',
      up: 'alter table app.messages alter column note set default gen_random_uuid()::text',
    },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.new add column c uuid default gen_random_uuid()',
    },
  ],
};
