/** What only newer majors have goes through files, fingerprint and data guard like everything else. */
import { describe, expect, inject, it } from 'vitest';
import type { Fingerprint } from '../../../src/migrator/fingerprint.ts';
import { setup } from './world.ts';

const { major } = inject('postgres').binaries;

interface Feature {
  readonly since: number;
  readonly what: string;
  readonly up: string;
  readonly down: string;
  /** The catalog row that shows it. */
  readonly shown: RegExp;
}

const TABLE = 'create table app.t (id int primary key, a int, b int);';

const FEATURES: readonly Feature[] = [
  {
    since: 14,
    what: 'a range with a multirange of its own name',
    up: 'create type app.span as range (subtype = int4, multirange_type_name = app.spans);',
    down: 'drop type app.span;',
    shown: /type app\.span .*range of integer/,
  },
  {
    since: 15,
    what: 'nulls not distinct',
    up: 'alter table app.t add constraint t_a_key unique nulls not distinct (a);',
    down: 'alter table app.t drop constraint t_a_key;',
    shown: /constraint app\.t\.t_a_key.*NULLS NOT DISTINCT/,
  },
  {
    since: 17,
    what: 'the privilege to maintain',
    up: 'grant maintain on app.t to pg_monitor;',
    down: 'revoke maintain on app.t from pg_monitor;',
    shown: /table app\.t.*pg_monitor=m/,
  },
  {
    since: 18,
    what: 'a column generated virtually',
    up: 'alter table app.t add column doubled int generated always as (a * 2) virtual;',
    down: 'alter table app.t drop column doubled;',
    shown: /column app\.t\.doubled.*generated virtually/,
  },
  {
    since: 18,
    what: 'NOT NULL that is not validated',
    up: 'alter table app.t add constraint b_there not null b not valid;',
    down: 'alter table app.t drop constraint b_there;',
    shown: /constraint app\.t\.b_there.*not validated/,
  },
  {
    since: 18,
    what: 'a check that is not enforced',
    up: 'alter table app.t add constraint positive check (a > 0) not enforced;',
    down: 'alter table app.t drop constraint positive;',
    shown: /constraint app\.t\.positive.*NOT ENFORCED/,
  },
];

const lines = ({ objects }: Fingerprint) => objects.map(({ kind, id, definition }) => `${kind} ${id} ${definition}`);

describe.for(FEATURES.filter(({ since }) => since <= major))(
  'since PostgreSQL $since: $what',
  ({ up, down, shown }) => {
    it('goes up, is seen, and is gone after its mirror', async () => {
      const { open } = await setup({
        migrations: {
          '001_table': [`create schema app; ${TABLE}`, 'drop schema app cascade;'],
          '002_feature': [up, down],
        },
      });
      const migrator = open();
      await migrator.migrate();
      const after = lines(await migrator.fingerprint());
      expect(after.filter((line) => shown.test(line))).toHaveLength(1);
      await migrator.rollback();
      const without = lines(await migrator.fingerprint());
      expect(without.filter((line) => shown.test(line))).toEqual([]);
      await migrator.migrate();
      expect(lines(await migrator.fingerprint())).toEqual(after);
    });
  },
);
