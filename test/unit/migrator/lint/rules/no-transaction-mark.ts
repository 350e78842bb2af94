/** Cases of no-transaction-mark. */
import type { RuleCases } from '../rule-cases.ts';

const LATE = 'the mark drydock:no-transaction does not stand above the first statement: it is not read';
const BESIDE =
  'the mark drydock:no-transaction is not alone on its line, as `-- drydock:no-transaction`: it is not read';
const found = (at: string, message: string) => [{ at, severity: 'error' as const, message, instead: null }];

export const cases: RuleCases = {
  found: [
    {
      up: 'create table app.x (a int);\n-- drydock:no-transaction\ncreate table app.y (a int)',
      findings: found('up 2:1', LATE),
    },
    {
      up: 'create table app.x (a int); -- drydock:no-transaction',
      findings: found('up 1:29', LATE),
    },
    {
      up: "select 'ü';\ncreate table app.x (\n  -- drydock:no-transaction\n  a int\n)",
      findings: found('up 3:3', LATE),
    },
    {
      up: '-- drydock:no-transaction, because it is long\nselect 1',
      findings: found('up 1:1', BESIDE),
    },
    {
      up: '/* drydock:no-transaction */\nselect 1',
      findings: found('up 1:1', BESIDE),
    },
    {
      up: '-- DRYDOCK:NO-TRANSACTION\nselect 1',
      findings: found('up 1:1', BESIDE),
    },
    {
      up: 'select 1',
      down: 'select 1;\n-- drydock:no-transaction\nselect 2',
      findings: found('down 2:1', LATE),
    },
  ],
  silent: [
    {
      because: 'it stands above the first statement',
      up: '-- what it does\n  --drydock:no-transaction \nselect 1;\nselect 2',
    },
    {
      because: 'the first one is read, and says it for the whole file',
      up: '-- drydock:no-transaction\nselect 1;\n-- drydock:no-transaction\nselect 2',
    },
    { because: 'a string is no comment', up: "select '-- drydock:no-transaction'" },
    {
      because: 'a body is no comment of the file',
      up: 'do $$ begin\n-- drydock:no-transaction\nperform 1; end $$',
    },
    {
      because: 'a comment allows it',
      up: '-- drydock:allow no-transaction-mark: it is quoted here\n-- write drydock:no-transaction on the first line\nselect 1',
    },
  ],
};
