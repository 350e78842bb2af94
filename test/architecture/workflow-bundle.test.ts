/** The workflows of this checkout can be bundled for Temporal's sandbox, which has no Node in it. */
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { ROOT } from './source-tree.ts';

const workflowsPath = join(ROOT, 'src/workflows/index.ts');
const logger = new DefaultLogger('ERROR', () => {});

test('the workflows bundle', async () => {
  const { code } = await bundleWorkflowCode({ workflowsPath, logger });
  expect(code).toContain('runRunbook');
  expect(code, 'a bundle built elsewhere must be the same').not.toContain(ROOT);
});
