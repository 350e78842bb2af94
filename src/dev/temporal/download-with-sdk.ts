/**
 * A program of its own: has the Temporal SDK download the Temporal CLI into the folder of the first argument, in the version
 * of the second. The SDK only downloads in order to start a server, which is why this runs apart and can be killed.
 */
import { TestWorkflowEnvironment } from '@temporalio/testing';

const [downloadDir, version] = process.argv.slice(2);
try {
  const executable = { type: 'cached-download', downloadDir: downloadDir!, version: `v${version}` } as const;
  const server = await TestWorkflowEnvironment.createLocal({ server: { ip: '127.0.0.1', executable } });
  await server.teardown();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
