/** Cases of concurrently-on-partitioned-table. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'create index concurrently logs_line on app.logs (line)',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'CREATE INDEX CONCURRENTLY fails on app.logs, because it is partitioned',
          instead:
            'create index logs_line ON ONLY app.logs (line);\ncreate index CONCURRENTLY logs_1_logs_line ON app.logs_1 (line);\nALTER INDEX app.logs_line ATTACH PARTITION app.logs_1_logs_line;',
        },
      ],
    },
  ],
  silent: [
    {
      because: 'a partition is a table like any other',
      up: 'create index concurrently logs_1_line on app.logs_1 (line)',
    },
  ],
};
