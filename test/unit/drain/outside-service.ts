/** A consumer as it may be found outside: a real HTTP service that pauses, resumes and says what it does, as well or badly as a test wants. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Cuts the connection in the place of an answer. */
  readonly cut?: true;
  /** Never answers. */
  readonly silent?: true;
}

export interface OutsideService {
  readonly url: string;
  /** Everything that came in, in its order. */
  readonly asked: readonly Asked[];
  /** `POST /pause` and so on, in their order. */
  readonly calls: () => readonly string[];
}

const servers = new Set<Server>();

afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Answers with what `answer` gives; on a free port of the loopback address until the test file ends. */
export async function startService(answer: (asked: Asked) => Answer): Promise<OutsideService> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const one = { method, path, headers, body: Buffer.concat(chunks).toString() };
      asked.push(one);
      const { status = 200, headers: given = {}, body = '{}', cut, silent } = answer(one);
      if (cut) return request.socket.destroy();
      if (silent) return;
      response.writeHead(status, given).end(body);
    });
  });
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, asked, calls: () => asked.map(({ method, path }) => `${method} ${path}`) };
}

/** An address where nobody listens. */
export async function closedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
