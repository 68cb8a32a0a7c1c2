import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { answersTcp } from '../../../../src/conversion/restart/answers-tcp.ts';

const PATIENT_MS = 20_000;

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await closed(server);
});

async function listen(host = '127.0.0.1'): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  servers.push(server);
  return { server, port: (server.address() as AddressInfo).port };
}

/** Resolves once nobody is connected any more. */
async function closed(server: Server): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
}

describe('a guest answers', () => {
  it('where one of its addresses does', async () => {
    const { port } = await listen();
    expect(await answersTcp(['127.0.0.1'], port, PATIENT_MS)).toBe(true);
    expect(await answersTcp(['127.0.0.2', '127.0.0.3', '127.0.0.1'], port, PATIENT_MS)).toBe(true);
  });

  it('by a service that hangs up at once', async () => {
    const { server, port } = await listen();
    server.on('connection', (socket) => socket.destroy());
    expect(await answersTcp(['127.0.0.1'], port, PATIENT_MS)).toBe(true);
  });

  it('and is let go at once', async () => {
    const { server, port } = await listen('0.0.0.0');
    const seen: unknown[] = [];
    server.on('connection', (socket) => seen.push(socket.resume()));
    expect(await answersTcp(['127.0.0.1', '127.0.0.2', '127.0.0.3'], port, PATIENT_MS)).toBe(true);
    servers.pop();
    await closed(server);
    expect(seen.length).toBeGreaterThan(0);
  });
});

describe('a guest does not answer', () => {
  it('where no address is known', async () => {
    expect(await answersTcp([], 22, PATIENT_MS)).toBe(false);
  });

  it('where every address refuses', async () => {
    const { server, port } = await listen();
    servers.pop();
    await closed(server);
    expect(await answersTcp(['127.0.0.1', '127.0.0.2', '::1'], port, PATIENT_MS)).toBe(false);
  });

  it('where only its seventeenth address would', async () => {
    const { port } = await listen();
    const others = Array.from({ length: 16 }, (_, index) => `127.0.1.${index}`);
    expect(await answersTcp([...others, '127.0.0.1'], port, PATIENT_MS)).toBe(false);
    expect(await answersTcp([...others.slice(1), '127.0.0.1'], port, PATIENT_MS)).toBe(true);
  });

  it('where it says nothing within the time', async () => {
    const { child, port } = await listenInStoppedProcess();
    try {
      // The kernel itself takes the first few in, until the queue of the program that never takes them is full.
      let taken = 0;
      while (taken < 20 && (await answersTcp(['127.0.0.1'], port, 300))) taken += 1;
      expect(taken).toBeLessThan(20);
      const begun = Date.now();
      expect(await answersTcp(['127.0.0.1', '127.0.0.1'], port, 300)).toBe(false);
      expect(Date.now() - begun).toBeLessThan(10_000);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

async function listenInStoppedProcess() {
  const script = `const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port));
    process.kill(process.pid, 'SIGSTOP');
  });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, port: Number(port.toString()) };
}
