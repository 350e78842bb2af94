/** What is on the target of the cases: a few tables that are in use, and the rows that make them so on a real server. */

export const FILLED = `
create schema app;
create table app.users (id bigint primary key, email text, name character varying(20) not null, age integer, tags text[]);
create table app.messages (id bigint primary key, user_id bigint not null, kind text, body text not null, size integer,
  note text, sent_at timestamptz not null default now(), period tstzrange);
create index messages_kind_idx on app.messages (kind);
create index messages_size_idx on app.messages (size);
create table app.keyless (a bigint not null, b bigint);
create table app.logs (id bigint not null, at timestamptz not null, line text) partition by range (at);
create table app.logs_1 partition of app.logs for values from ('2026-01-01') to ('2026-02-01');
create table app.logs_2 (id bigint not null, at timestamptz not null, line text);
create materialized view app.totals as select kind, count(*) as amount from app.messages group by kind;
create unique index totals_kind_idx on app.totals (kind);
create type app.mood as enum ('good', 'bad');
create domain app.level as integer;
create table app.moods (mood app.mood, level app.level);
`;

export const ROWS = `
insert into app.users (id, email, name, age) select n, n || '@example.org', 'user ' || n, n % 90 from generate_series(1, 300) n;
insert into app.messages (id, user_id, kind, body, size)
  select n, 1 + n % 300, case when n % 3 = 0 then 'mail' else 'chat' end, 'text ' || n, n % 50 from generate_series(1, 3000) n;
insert into app.keyless select n, n from generate_series(1, 500) n;
insert into app.logs select n, '2026-01-01'::timestamptz + n * interval '1 minute', 'x' from generate_series(1, 500) n;
insert into app.logs_2 select n, '2026-02-01'::timestamptz + n * interval '1 minute', 'x' from generate_series(1, 500) n;
insert into app.moods select 'good', n from generate_series(1, 100) n;
refresh materialized view app.totals;
analyze;
`;
