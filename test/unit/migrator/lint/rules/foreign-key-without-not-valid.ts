/** Cases of foreign-key-without-not-valid. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages add constraint messages_user_fkey foreign key (user_id) references app.users (id) on delete cascade',
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message:
            'ADD FOREIGN KEY holds SHARE ROW EXCLUSIVE on app.messages and app.users while every row is looked up',
          instead:
            'ALTER TABLE app.messages add constraint messages_user_fkey foreign key (user_id) references app.users (id) on delete cascade NOT VALID;\n-- then, in a migration of its own:\nALTER TABLE app.messages VALIDATE CONSTRAINT messages_user_fkey;',
        },
      ],
    },
    {
      up: 'alter table app.keyless add foreign key (b) references app.messages (id)',
      findings: [
        {
          at: 'up 1:25',
          severity: 'error',
          message:
            'ADD FOREIGN KEY holds SHARE ROW EXCLUSIVE on app.keyless and app.messages while every row is looked up',
          instead:
            'ALTER TABLE app.keyless ADD CONSTRAINT keyless_b_fkey foreign key (b) references app.messages (id) NOT VALID;\n-- then, in a migration of its own:\nALTER TABLE app.keyless VALIDATE CONSTRAINT keyless_b_fkey;',
        },
      ],
    },
    {
      up: 'alter table app.messages add column owner_id bigint default 1 references app.users (id)',
      findings: [
        {
          at: 'up 1:63',
          severity: 'error',
          message:
            'ADD FOREIGN KEY holds SHARE ROW EXCLUSIVE on app.messages and app.users while every row is looked up',
          instead:
            'ALTER TABLE app.messages ADD COLUMN owner_id bigint default 1;\nALTER TABLE app.messages ADD CONSTRAINT messages_owner_id_fkey FOREIGN KEY (owner_id) references app.users (id) NOT VALID;\n-- then, in a migration of its own:\nALTER TABLE app.messages VALIDATE CONSTRAINT messages_owner_id_fkey;',
        },
      ],
    },
    {
      up: 'alter table app.logs add foreign key (id) references app.users (id)',
      major: 17,
      findings: [
        {
          at: 'up 1:22',
          severity: 'error',
          message: 'ADD FOREIGN KEY holds SHARE ROW EXCLUSIVE on app.logs and app.users while every row is looked up',
          instead: null,
        },
      ],
    },
    {
      up: 'alter table app.logs add foreign key (id) references app.users (id)',
      major: 18,
      notRun: 'the rows of logs refer to users that are not there',
      findings: [
        {
          at: 'up 1:22',
          severity: 'error',
          message: 'ADD FOREIGN KEY holds SHARE ROW EXCLUSIVE on app.logs and app.users while every row is looked up',
          instead:
            'ALTER TABLE app.logs ADD CONSTRAINT logs_id_fkey foreign key (id) references app.users (id) NOT VALID;\n-- then, in a migration of its own:\nALTER TABLE app.logs VALIDATE CONSTRAINT logs_id_fkey;',
        },
      ],
    },
  ],
  silent: [
    {
      because: 'it is NOT VALID',
      up: 'alter table app.messages add foreign key (user_id) references app.users (id) not valid',
    },
    {
      because: 'a new column without a default is null in every row',
      up: 'alter table app.messages add column owner_id bigint references app.users (id)',
    },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.new add foreign key (id) references app.users (id)',
    },
  ],
};
