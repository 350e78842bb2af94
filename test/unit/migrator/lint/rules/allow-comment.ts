/** Cases of allow-comment. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: '-- drydock:allow column-drop\nalter table app.messages drop column note',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'the comment that allows column-drop gives no reason',
          instead: null,
        },
      ],
    },
    {
      up: '-- drydock:allow colum-drop: nobody uses it\nalter table app.messages drop column note',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'the comment allows colum-drop, and there is no such rule',
          instead: null,
        },
      ],
    },
    {
      up: '-- drydock:allow table-drop: nobody uses it\nselect 1',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'the comment allows table-drop, and nothing here breaks that rule',
          instead: null,
        },
      ],
    },
    {
      up: '-- drydock:allow: because\nselect 1',
      findings: [
        { at: 'up 1:1', severity: 'error', message: 'the comment drydock:allow names no rule', instead: null },
      ],
    },
    {
      up: 'select 1;\n-- drydock:allow-file column-drop: nobody uses them\nalter table app.messages drop column note',
      findings: [
        {
          at: 'up 2:1',
          severity: 'error',
          message: 'the comment drydock:allow-file has to stand above the first statement',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    {
      because: 'it allows what follows',
      up: '-- drydock:allow column-drop: nobody uses it since 2.4\nalter table app.messages drop column note',
    },
    {
      because: 'it allows what stands before it on its line',
      up: 'alter table app.messages drop column note; -- drydock:allow column-drop: nobody uses it',
    },
    {
      because: 'it allows several rules',
      up: '-- drydock:allow column-drop, drop-cascade: nobody uses it\nalter table app.messages drop column note cascade',
    },
    {
      because: 'it allows all of a file',
      up: '-- drydock:allow-file column-drop: nobody uses them\nalter table app.messages drop column note;\nselect 1;\nalter table app.messages drop column size',
    },
    {
      because: 'it would be needed where the plan is another',
      before: ['create table app.new (a int)'],
      up: '-- drydock:allow index-without-concurrently: a few rows\ncreate index new_a on app.new (a)',
    },
  ],
};
