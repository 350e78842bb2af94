import { expect, it } from 'vitest';
import { losesValues } from '../../../src/migrator/lossy-types.ts';
import { lostTables, type TableSnapshot } from '../../../src/migrator/lost-tables.ts';
import { wayBack } from '../../../src/migrator/restore-script.ts';
import { inOrderOfReference, type SavedShape, waitingKeys } from '../../../src/migrator/saved-shape.ts';

const table = (oid: string, name: string, more: Partial<TableSnapshot> = {}): TableSnapshot => ({
  oid,
  schema: 's',
  name,
  relkind: 'r',
  rootOid: null,
  ownerOid: null,
  columns: ['1:integer', '2:text'],
  filenode: oid,
  size: null,
  changes: 0,
  ...more,
});

const LEDGER = { schema: 's', name: 'schema_migrations' };

it('tables that are gone or lost something are told, the ledger and what goes with a root or a table are not', () => {
  const before = [
    table('1', 'kept'),
    table('2', 'dropped'),
    table('3', 'made_again'),
    table('4', 'narrowed'),
    table('5', 'schema_migrations'),
    table('6', 'root'),
    table('7', 'part', { rootOid: '6' }),
    table('8', 'loose_part', { rootOid: '1' }),
    table('10', 'retyped'),
    table('11', 'widened'),
    table('19', 'longer', { columns: ['1:character varying(3)'] }),
    table('12', 'changed'),
    table('13', 'truncated'),
    table('14', 'rewritten'),
    table('15', 'wide_root', { relkind: 'p' }),
    table('16', 'wide_part', { rootOid: '15' }),
    table('17', 'counter', { relkind: 'S', columns: [], ownerOid: '2' }),
    table('18', 'numbers', { relkind: 'S', columns: [] }),
  ];
  const after = [
    table('1', 'kept'),
    table('9', 'made_again'),
    table('4', 'narrowed', { columns: ['1:integer', '3:text'] }),
    table('10', 'retyped', { columns: ['1:integer', '2:integer'], filenode: '99', size: 8192 }),
    table('11', 'widened', { columns: ['1:bigint', '2:text'], filenode: '99', size: 8192 }),
    table('19', 'longer', { columns: ['1:character varying(9)'] }),
    table('12', 'changed', { changes: 3 }),
    table('13', 'truncated', { filenode: '99', size: 0 }),
    table('14', 'rewritten', { columns: ['1:integer', '2:text', '3:uuid'], filenode: '99', size: 8192 }),
    table('15', 'wide_root', { relkind: 'p', columns: ['1:integer'] }),
    table('16', 'wide_part', { rootOid: '15', columns: ['1:integer'] }),
  ];
  expect(
    lostTables(before, after, LEDGER).map(({ name, how, lostColumns }) => [name, how, ...lostColumns].join(' ')),
  ).toEqual([
    'dropped dropped',
    'made_again dropped',
    'narrowed columns 2',
    'root dropped',
    'loose_part dropped',
    'retyped retyped 2',
    'widened retyped 1',
    'changed rows',
    'truncated rows',
    'wide_root columns 2',
    'numbers dropped',
  ]);
});

it.each([
  ['integer', 'bigint', false],
  ['bigint', 'integer', true],
  ['character varying(5)', 'character varying(9)', false],
  ['character varying(9)', 'character varying(5)', true],
  ['character varying(9)', 'text', false],
  ['character varying', 'character varying(9)', true],
  ['text', 'integer', true],
  ['text', 'character varying', true],
  ['numeric(10,2)', 'numeric(12,2)', false],
  ['numeric(10,2)', 'numeric(12,4)', false],
  ['numeric(10,2)', 'numeric(11,4)', true],
  ['numeric(10,2)', 'numeric', false],
  ['numeric', 'numeric(10,2)', true],
  ['double precision', 'real', true],
  ['timestamp with time zone', 'timestamp without time zone', true],
  ['app.mood', 'text', true],
] as const)('%s to %s loses values: %s', (before, now, loses) => {
  expect(losesValues(before, now)).toBe(loses);
});

const shape = (oid: string, refersTo: readonly string[], more: Partial<SavedShape> = {}): SavedShape => ({
  oid,
  schema: 's',
  name: oid,
  table: `s.${oid}`,
  rows: 1,
  relkind: 'r',
  how: 'dropped',
  lostColumns: [],
  where: null,
  stored: [],
  key: [],
  foreignKeys: refersTo.map((to) => ({ name: `${oid}_${to}`, to, deferrable: false })),
  ...more,
});

it('saved tables come after those they refer to, circles in the order they came', () => {
  const order = (...shapes: SavedShape[]) => inOrderOfReference(shapes).map(({ oid }) => oid);
  expect(order(shape('a', ['b']), shape('b', ['c']), shape('c', []))).toEqual(['c', 'b', 'a']);
  expect(order(shape('a', ['b', 'a']), shape('b', ['a']))).toEqual(['b', 'a']);
  expect(order(shape('a', ['elsewhere']))).toEqual(['a']);
});

it('a foreign key to rows that come later has to wait', () => {
  const ordered = inOrderOfReference([shape('a', ['b', 'a']), shape('b', ['a'])]);
  expect(waitingKeys(ordered).map(({ key }) => key.name)).toEqual(['b_a']);
});

it('values of lost columns go back by the primary key, else into a table beside', () => {
  const column = (name: string, identity: '' | 'a' = '') => ({ name, type: 'integer', sequence: null, identity });
  const lost = { how: 'columns' as const, columns: ['x'], lostColumns: [2], stored: [column('id'), column('x')] };
  expect(wayBack(shape('a', [], { ...lost, key: ['id'] }))).toEqual({
    kind: 'into-columns',
    columns: ['id', 'x'],
    lost: ['x'],
  });
  expect(wayBack(shape('a', [], lost))).toEqual({ kind: 'beside', columns: ['id', 'x'], name: 'a_saved' });
  expect(wayBack(shape('a', [], { ...lost, key: ['x'] }))).toMatchObject({ kind: 'beside' });
  const identity = { ...lost, key: ['id'], stored: [column('id'), column('x', 'a')] };
  expect(wayBack(shape('a', [], identity))).toMatchObject({ kind: 'beside' });
  const long = 'ä'.repeat(31);
  expect(wayBack(shape(long, [], { ...lost, name: long }))).toMatchObject({ name: `${'ä'.repeat(28)}_saved` });
});
