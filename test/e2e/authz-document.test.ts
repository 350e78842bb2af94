import { describeRunbookPage } from './runbook-page.ts';

describeRunbookPage({
  runbook: 'authz',
  migrations: 8,
  commands: [
    'src/cli/authz-migrate.ts check',
    'src/cli/authz-migrate.ts migrate --dry-run',
    'src/cli/authz-migrate.ts status',
    'src/cli/authz-migrate.ts migrate',
    'src/cli/authz-migrate.ts status',
    'src/data/authz/seed-permissions.ts',
    'src/data/authz/seed-roles.ts',
    'src/data/authz/seed-role-parents.ts',
    'src/data/authz/seed-role-permissions.ts',
    'src/cli/authz-migrate.ts verify',
    'src/cli/authz-migrate.ts rollback',
    'src/cli/authz-migrate.ts reset',
  ],
});
