import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ShownCommand, shapeOf, shownCommands, wordsOf } from '../pages/console.ts';
import { readPage } from '../pages/markdown.ts';
import { virtioize } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { buildCdRom } from '../testbed/data-images.ts';
import { until } from '../until.ts';
import { createTestGuest, type TestGuest } from './booted-guest.ts';

const PATIENCE = { timeoutMs: 240_000, everyMs: 200 };
const PAGES = ['README.md', 'docs/first-conversion.md'];

/** The host that a page speaks of, with the guest that it has. */
interface Stage {
  readonly host: TestHost;
  readonly guest: TestGuest;
}

const hosts: TestHost[] = [];
let stages: ReadonlyMap<string, Stage>;

beforeAll(async () => {
  const made = await Promise.all(PAGES.map(async (page) => [page, await createStage()] as const));
  stages = new Map(made);
});

afterAll(async () => {
  for (const host of hosts) await host.dispose();
});

async function createStage(): Promise<Stage> {
  const host = await createTestHost();
  hosts.push(host);
  const iso = join(host.folder, 'tools.iso');
  await buildCdRom({ path: iso, files: { '/README': 'tools' } });
  const guest = await createTestGuest(host, {
    name: 'web1',
    system: { bus: 'ide', target: 'hda' },
    moreDisks: [{ bus: 'ide', target: 'hdc', path: iso, format: 'raw', device: 'cdrom' }],
  });
  await startUp(guest);
  return { host, guest };
}

async function startUp(guest: TestGuest): Promise<void> {
  if ((await guest.boot()) === undefined) throw new Error(`${guest.name} did not find its disk`);
}

/** Run a command as a page shows it, and return what it prints. */
async function run({ command, output }: ShownCommand, { host, guest }: Stage): Promise<string> {
  const [program, ...words] = wordsOf(command);
  if (program === 'virtioize') {
    const { stdout } = await virtioize(words, host.program);
    return stdout
      .replaceAll(host.program.stateDir, '/var/lib/virtioize')
      .replaceAll(host.folder, '/var/lib/libvirt/images')
      .replaceAll(`-c '${host.root.uri}' `, ''); // not the usual one
  }
  if (program !== 'virsh') throw new Error(`'${command}' is shown, and this test can't run it`);
  switch (words[0]) {
    case 'domstate': // the page has its reader repeat it
      await until(`it says: ${output}`, async () => (await host.root.virsh(words)) === output.trim(), PATIENCE);
      return output;
    case 'start':
      await startUp(guest);
      return output; // virsh is quiet here
    case 'shutdown': // where it is off before its agent has answered, virsh complains; what follows shows that it is off
      await host.root.virsh(words).catch((error: unknown) => {
        if (!String(error).includes('domain is not running')) throw error;
      });
      return output;
    default:
      await host.root.virsh(words);
      return output;
  }
}

describe('what an admin who follows a page sees', () => {
  it.each(PAGES)('is what %s shows', async (path) => {
    const stage = stages.get(path);
    if (stage === undefined) throw new Error(`no guest for ${path}`);
    const shown = shownCommands(await readPage(path));
    const seen: ShownCommand[] = [];
    for (const one of shown) seen.push({ command: one.command, output: await run(one, stage) });
    expect(seen.map(inShape)).toEqual(shown.map(inShape));
    expect(shown.length).toBeGreaterThan(3);
  });
});

function inShape({ command, output }: ShownCommand): string {
  return `# ${command}\n${shapeOf(output)}`;
}
