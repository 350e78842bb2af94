/** Why an address does not answer, in words: a plain TCP connection tells more than a gRPC deadline. */
import { connect } from 'node:net';

const PROBE_MS = 1_000;

/** Tries to connect to `host:port`; never throws. Gives the reason, or what it means that a connection is possible. */
export function connectionFault(address: string): Promise<string> {
  const match = /^\[?(?<host>[^\]]+?)\]?:(?<port>\d+)$/.exec(address);
  if (!match?.groups) return Promise.resolve(`"${address}" is no address; it has to be host:port`);
  const { host = '', port = '' } = match.groups;
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    const settle = (reason: string): void => {
      socket.destroy();
      resolve(reason);
    };
    socket.setTimeout(PROBE_MS, () => settle('nothing answers there'));
    socket.once('connect', () => settle('something listens there, but it does not answer as a Temporal server'));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(inWords(error)));
  });
}

function inWords(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'nothing listens there (connection refused)';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name of the host is unknown';
    default:
      return `no connection: ${error.code ?? error.message}`;
  }
}
