/** Cases of required-column-without-default. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages add column lang text not null',
      findings: [
        {
          at: 'up 1:37',
          severity: 'error',
          message: 'ADD COLUMN lang NOT NULL has no default for the rows that app.messages has',
          instead:
            "-- the default is what old rows get:\nALTER TABLE app.messages ADD COLUMN lang text not null DEFAULT '';\nALTER TABLE app.messages ALTER COLUMN lang DROP DEFAULT;",
        },
      ],
    },
    {
      up: 'alter table app.messages add lang text not null, add column seen_at timestamptz not null',
      findings: [
        {
          at: 'up 1:30',
          severity: 'error',
          message: 'ADD COLUMN lang NOT NULL has no default for the rows that app.messages has',
          instead:
            "-- the default is what old rows get:\nALTER TABLE app.messages ADD COLUMN lang text not null DEFAULT '';\nALTER TABLE app.messages ALTER COLUMN lang DROP DEFAULT;",
        },
        {
          at: 'up 1:61',
          severity: 'error',
          message: 'ADD COLUMN seen_at NOT NULL has no default for the rows that app.messages has',
          instead:
            '-- the default is what old rows get:\nALTER TABLE app.messages ADD COLUMN seen_at timestamptz not null DEFAULT now();\nALTER TABLE app.messages ALTER COLUMN seen_at DROP DEFAULT;',
        },
      ],
    },
    {
      up: 'alter table app.messages add column mood app.mood not null',
      findings: [
        {
          at: 'up 1:37',
          severity: 'error',
          message: 'ADD COLUMN mood NOT NULL has no default for the rows that app.messages has',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    { because: 'it has a default', up: "alter table app.messages add column lang text not null default 'en'" },
    {
      because: 'an identity fills itself',
      up: 'alter table app.messages add column n bigint not null generated always as identity',
    },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.new add column c text not null',
    },
  ],
};
