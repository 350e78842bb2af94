/** The text of a dump, taken apart into entries that a server can be sent. */
import { expect, test } from 'vitest';
import { dumpEntries, withoutOwner } from '../../../src/migrator/rehearsal/dump-entries.ts';

const header = (name: string, type: string, schema = '-') =>
  `--\n-- Name: ${name}; Type: ${type}; Schema: ${schema}; Owner: app\n--\n\n`;

const DUMP = `--
-- PostgreSQL database dump
--

\\restrict aB3dEf

-- Dumped from database version 17.2

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

${header('app', 'SCHEMA')}CREATE SCHEMA app;


ALTER SCHEMA app OWNER TO app;

${header('says()', 'FUNCTION', 'app')}CREATE FUNCTION app.says() RETURNS text
    LANGUAGE sql
    AS $$ select '
\\restrict aB3dEf
' $$;


ALTER FUNCTION app.says() OWNER TO app;

SET default_tablespace = '';

${header('USER MAPPING app SERVER far', 'USER MAPPING')}CREATE USER MAPPING FOR app SERVER far OPTIONS (password 'x');


--
-- PostgreSQL database dump complete
--

\\unrestrict aB3dEf
`;

test('settings and entries, without what only psql understands and without passwords of other servers', () => {
  const { settings, entries } = dumpEntries(DUMP);
  expect(settings).toEqual(['SET statement_timeout = 0;', "SELECT pg_catalog.set_config('search_path', '', false);"]);
  expect(entries.map(({ what }) => what)).toEqual(['SCHEMA app', 'FUNCTION app.says()']);
  // A line of a function that looks like psql's stays.
  expect(entries[1]?.sql).toContain("select '\n\\restrict aB3dEf\n'");
});

test('an entry can do without the change of its owner', () => {
  const [schema] = dumpEntries(DUMP).entries;
  expect(withoutOwner(schema!).sql.trim()).toBe('CREATE SCHEMA app;');
});

test('a text without entries has none', () => {
  expect(dumpEntries('')).toEqual({ settings: [], entries: [] });
});
