/** Cases of database-drop. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'drop database if exists old',
      findings: [
        { at: 'up 1:1', severity: 'error', message: 'DROP DATABASE removes old and everything in it', instead: null },
      ],
    },
  ],
  silent: [{ because: 'a database that is made loses nothing', up: 'create database other' }],
};
