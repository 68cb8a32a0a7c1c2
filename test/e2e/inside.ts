import { setTimeout as delay } from 'node:timers/promises';
import type { TestHost } from '../test-host.ts';
import { until } from '../until.ts';

/** Write a file inside the guest through its agent, flushed to its disk. */
export async function writeInside(host: TestHost, name: string, path: string, text: string): Promise<void> {
  await runInside(host, name, '/bin/sh', ['-c', `echo ${text} > ${path} && sync`]);
}

/** A file's text inside the guest. */
export async function readInside(host: TestHost, name: string, path: string): Promise<string> {
  return runInside(host, name, '/bin/cat', [path]);
}

/** What guest-exec and guest-exec-status answer. */
interface GuestAnswer {
  readonly pid?: number;
  readonly exited?: boolean;
  readonly 'out-data'?: string;
}

/** Run a program inside a guest through its agent, and return what it printed. */
export async function runInside(host: TestHost, name: string, path: string, arg: string[]): Promise<string> {
  const session = await host.root.session();
  const ask = async (execute: string, args: object): Promise<GuestAnswer> => {
    const answer = await session.run(
      `qemu-agent-command --timeout 10 ${name} '${JSON.stringify({ execute, arguments: args })}'`,
    );
    return (JSON.parse(answer) as { return: GuestAnswer }).return;
  };
  try {
    await untilAnswers(() => ask('guest-ping', {}));
    const { pid } = await ask('guest-exec', { path, arg, 'capture-output': true });
    let status: GuestAnswer = {};
    await until(`the end of ${path} inside ${name}`, async () => {
      status = await ask('guest-exec-status', { pid });
      return status.exited === true;
    });
    return Buffer.from(status['out-data'] ?? '', 'base64')
      .toString()
      .trim();
  } finally {
    await session.close();
  }
}

async function untilAnswers(ask: () => Promise<unknown>): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; await delay(200)) {
    try {
      await ask();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
