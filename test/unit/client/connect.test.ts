/** Connecting: what is said when no server answers, and when the settings cannot be read. */
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { connectTemporal } from '../../../src/client/connect.ts';
import { connectionFault } from '../../../src/client/reachable.ts';
import { freePorts } from '../../../src/dev/free-ports.ts';
import { problemOf } from '../../support/problem-of.ts';

const timeoutMs = 400;

describe('connecting to Temporal', () => {
  it('says at which address nothing listens, and how to bring a server up', async () => {
    const [port] = await freePorts(1);
    const problem = await problemOf(connectTemporal({ TEMPORAL_ADDRESS: `127.0.0.1:${port}` }, { timeoutMs }));
    expect(problem).toEqual({
      code: 'temporal-unreachable',
      message: `no Temporal server answers at 127.0.0.1:${port}`,
      found: 'nothing listens there (connection refused), tried for 0.4 s',
      expected: 'a Temporal server, named by TEMPORAL_ADDRESS or by a profile of the Temporal CLI',
      next: 'start one (`pnpm dev` brings its own), or export TEMPORAL_ADDRESS=host:7233',
      retry: 'retry',
    });
  });

  it('says that a profile does not exist', async () => {
    const problem = await problemOf(connectTemporal({ TEMPORAL_PROFILE: 'not-there', HOME: '/nonexistent' }));
    expect(problem).toMatchObject({ code: 'temporal-profile-invalid', next: 'temporal config list' });
    expect(problem.found).toContain('not-there');
  });

  it('tells a server that is not Temporal from one that is not there', async () => {
    const other = createServer((socket) => socket.on('error', () => {}).end('220 hello\n')).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const problem = await problemOf(connectTemporal({ TEMPORAL_ADDRESS: `127.0.0.1:${port}` }, { timeoutMs }));
    other.close();
    expect(problem.found).toBe('something listens there, but it does not answer as a Temporal server, tried for 0.4 s');
  });

  it('says what is wrong with an address that is none', async () => {
    expect(await connectionFault('somewhere')).toBe('"somewhere" is no address; it has to be host:port');
    expect(await connectionFault('name.invalid:7233')).toBe('the name of the host is unknown');
  });
});
