import { describeRunbookPage } from './runbook-page.ts';

describeRunbookPage({
  runbook: 'communication',
  migrations: 9,
  commands: [
    'src/cli/communication-migrate.ts check',
    'src/cli/communication-migrate.ts migrate --dry-run',
    'src/cli/communication-migrate.ts status',
    'src/cli/communication-migrate.ts migrate',
    'src/cli/communication-migrate.ts status',
    'src/data/communication/seed-channels.ts',
    'src/data/communication/seed-templates.ts',
    'src/data/communication/seed-policies.ts',
    'src/cli/communication-migrate.ts verify',
    'src/cli/communication-migrate.ts rollback',
    'src/cli/communication-migrate.ts reset',
  ],
});
