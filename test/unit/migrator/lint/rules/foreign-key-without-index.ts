/** Cases of foreign-key-without-index. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'create table app.new (id bigint primary key, user_id bigint references app.users (id))',
      notRun: 'the table is made by the statement before',
      findings: [
        {
          at: 'up 1:61',
          severity: 'warning',
          message: 'app.new (user_id) refers to app.users, and no index begins with this column',
          instead: 'CREATE INDEX new_user_id_idx ON app.new (user_id);',
        },
      ],
    },
    {
      up: 'alter table app.messages add foreign key (user_id) references app.users (id) not valid',
      findings: [
        {
          at: 'up 1:30',
          severity: 'warning',
          message: 'app.messages (user_id) refers to app.users, and no index begins with this column',
          instead: 'CREATE INDEX CONCURRENTLY messages_user_id_idx ON app.messages (user_id);',
        },
      ],
    },
    {
      up: 'create table app.new (a bigint, b bigint, foreign key (b, a) references app.pairs (b, a));\ncreate index on app.new (id, a)',
      notRun: 'there is no such table',
      findings: [
        {
          at: 'up 1:43',
          severity: 'warning',
          message: 'app.new (b, a) refers to app.pairs, and no index begins with these columns',
          instead: 'CREATE INDEX new_b_a_idx ON app.new (b, a);',
        },
      ],
    },
  ],
  silent: [
    {
      because: 'an index begins with its column',
      up: 'create table app.new (user_id bigint references app.users (id), a int);\ncreate index on app.new (user_id, a)',
    },
    {
      because: 'a unique constraint begins with its columns in another order',
      up: 'create table app.new (a bigint, b bigint, unique (a, b), foreign key (b, a) references app.pairs (b, a))',
    },
    {
      because: 'a later statement builds the index',
      up: 'alter table app.messages add foreign key (user_id) references app.users (id) not valid;\ncreate index concurrently i on app.messages (user_id)',
    },
    {
      because: 'an index begins with the column that no other key shares',
      up: 'create table app.new (tenant bigint references app.users (id), message bigint, foreign key (tenant, message) references app.pairs (a, b));\ncreate index on app.new (tenant);\ncreate index on app.new (message)',
    },
  ],
};
