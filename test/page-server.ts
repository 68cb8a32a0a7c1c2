import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server that has one page, and keeps what it was asked for. */
export interface PageServer {
  readonly address: string;
  /** The paths of all requests, in their order. */
  readonly asked: string[];
  show(page: string): void;
  close(): Promise<void>;
}

export async function createPageServer(): Promise<PageServer> {
  let shown = '';
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    response.writeHead(url === '/' ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' });
    response.end(url === '/' ? shown : '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    show(page) {
      shown = page;
      asked.length = 0;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
