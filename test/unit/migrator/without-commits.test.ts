/** PL/pgSQL as it is tried: without what ends a transaction, and otherwise to the letter. */
import { describe, expect, it } from 'vitest';
import { dollarQuoted } from '../../../src/migrator/dollar-quoted.ts';
import { endsNothing } from '../../../src/migrator/without-commits.ts';

/** Not caught by EXCEPTION WHEN OTHERS. */
const REFUSED = "raise assert_failure using message = 'its ROLLBACK takes back what it did before'";

describe('a body of PL/pgSQL', () => {
  it.each([
    ['begin delete from t; commit; end', 'begin delete from t; set constraints all immediate; end'],
    ['BEGIN COMMIT AND CHAIN ; END', 'BEGIN set constraints all immediate ; END'],
    [
      'begin if x then rollback and no chain; else commit; end if; end',
      `begin if x then ${REFUSED}; else set constraints all immediate; end if; end`,
    ],
    [
      'begin <<batch>> loop commit /* now */; exit; end loop; end',
      'begin <<batch>> loop set constraints all immediate /* now */; exit; end loop; end',
    ],
    [
      'begin /* € */ commit; -- commit;\n commit; end',
      'begin /* € */ set constraints all immediate; -- commit;\n set constraints all immediate; end',
    ],
    ['begin\r\ncommit;\r\nend', 'begin\r\nset constraints all immediate;\r\nend'],
  ])('%j does not end its transaction', async (body, quiet) => {
    expect(await endsNothing(body)).toBe(quiet);
  });

  it.each([
    'begin null; end',
    "begin raise notice 'then commit;'; end",
    'begin execute $q$ begin commit; $q$; end',
    'declare commit int; begin commit := 1; x := commit; end',
    'begin perform "commit"; update t set "rollback" = 1; end',
    '',
  ])('%j is left as it is', async (body) => {
    expect(await endsNothing(body)).toBe(body);
  });
});

describe('a text between dollars', () => {
  it('does not end before its end', () => {
    expect(dollarQuoted('x')).toBe('$drydock$x$drydock$');
    expect(dollarQuoted('a $drydock$ b')).toBe('$drydock_1$a $drydock$ b$drydock_1$');
    expect(dollarQuoted('ends with $drydock')).toBe('$drydock_1$ends with $drydock$drydock_1$');
  });
});
