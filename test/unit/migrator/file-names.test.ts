import { describe, expect, it } from 'vitest';
import { parseFileNames } from '../../../src/migrator/file-names.ts';

const pair = (name: string) => [`${name}.up.sql`, `${name}.down.sql`];
const problemsOf = (...names: string[]) => parseFileNames(names).problems;

describe('names of migration files', () => {
  it('are paired and ordered by number, not by text', () => {
    const { pairs, problems } = parseFileNames([...pair('10_ten'), ...pair('9_nine'), ...sequence(8)]);
    expect(problems).toEqual([]);
    expect(pairs.map(({ version }) => version)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
    expect(pairs.at(-1)).toMatchObject({ name: 'ten', up: { fileName: '10_ten.up.sql' }, down: { direction: 'down' } });
  });

  it('may hold anything behind the number', () => {
    expect(problemsOf(...pair('001_create-users.v2'))).toEqual([]);
  });

  it('that do not end in .sql are not looked at', () => {
    expect(problemsOf(...pair('001_a'), 'README.md', '.gitkeep')).toEqual([]);
  });

  it.each([
    { named: 'a missing down', names: ['001_a.up.sql'], problem: '001_a.down.sql is missing beside 001_a.up.sql' },
    { named: 'a missing up', names: ['001_a.down.sql'], problem: '001_a.up.sql is missing beside 001_a.down.sql' },
    {
      named: 'a name without direction',
      names: [...pair('001_a'), '002_b.sql'],
      problem: '002_b.sql is not named NNN_name.up.sql or NNN_name.down.sql',
    },
    {
      named: 'a name without number',
      names: [...pair('001_a'), 'b.up.sql'],
      problem: 'b.up.sql is not named NNN_name.up.sql or NNN_name.down.sql',
    },
    {
      named: 'an ending in capitals',
      names: [...pair('001_a'), '002_b.UP.SQL'],
      problem: '002_b.UP.SQL is not named NNN_name.up.sql or NNN_name.down.sql',
    },
    {
      named: 'a number used twice',
      names: [...pair('001_a'), ...pair('001_b')],
      problem: 'number 001 is used by 001_a.down.sql, 001_a.up.sql, 001_b.down.sql, 001_b.up.sql',
    },
    {
      named: 'a number written in two ways',
      names: [...pair('001_a'), ...pair('1_b')],
      problem: 'number 001 is used by 001_a.down.sql, 001_a.up.sql, 1_b.down.sql, 1_b.up.sql',
    },
    {
      named: 'a mirror of another name',
      names: ['001_a.up.sql', '001_b.down.sql'],
      problem: 'number 001 is used by 001_a.up.sql, 001_b.down.sql',
    },
    { named: 'a gap of one', names: [...pair('001_a'), ...pair('003_c')], problem: 'number 002 is missing' },
    {
      named: 'a gap of several',
      names: [...pair('001_a'), ...pair('005_e')],
      problem: 'numbers 002 to 004 are missing',
    },
    { named: 'a first number that is not 1', names: pair('002_b'), problem: 'number 001 is missing' },
    { named: 'no file at all', names: ['notes.txt'], problem: 'there is no .sql file' },
  ])('$named is a problem', ({ names, problem }) => {
    expect(problemsOf(...names)).toEqual([problem]);
  });

  it('tells all problems at once', () => {
    expect(problemsOf('001_a.up.sql', 'x.sql', ...pair('004_d'))).toEqual([
      'x.sql is not named NNN_name.up.sql or NNN_name.down.sql',
      '001_a.down.sql is missing beside 001_a.up.sql',
      'numbers 002 to 003 are missing',
    ]);
  });

  it('that are points in time may have gaps', () => {
    expect(problemsOf(...pair('20250101120000_a'), ...pair('20250309081500_b'))).toEqual([]);
    expect(problemsOf(...pair('1735732800_a'), ...pair('1741507200_b'))).toEqual([]);
  });
});

function sequence(count: number): string[] {
  return Array.from({ length: count }, (_, index) => pair(`${index + 1}_n`)).flat();
}
