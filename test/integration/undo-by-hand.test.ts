import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { domainXml } from '../definitions/domain-xml.ts';
import { readPage } from '../pages/markdown.ts';
import { virtioize, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';

const VOUCHED = ['--assume-driver', '--reason', 'there is no system on it'];

let host: TestHost;

beforeAll(async () => {
  host = await createTestHost();
  const disks = [{ target: 'hda', bus: 'ide' }];
  await host.root.define(domainXml({ name: 'web1', uuid: '6f1ed5c8-3d02-4a6b-8f5c-0000000000b1', disks }));
});

afterAll(async () => host.dispose());

/** What docs/undo-and-recovery.md has an admin type where virtioize is gone. */
async function shownScript(): Promise<string> {
  const { codeBlocks } = await readPage('docs/undo-and-recovery.md');
  const block = codeBlocks.find(({ text }) => text.includes('virsh define'));
  if (block === undefined) throw new Error('the page does not say how to undo by hand');
  return block.text;
}

describe('the way back by hand, as its page has it', () => {
  it('leads to the definition of before, to the letter, and to a guest that can be converted again', async () => {
    const before = await host.definition('web1');
    const { document } = await virtioizeJson(['convert', 'web1', ...VOUCHED], host.program);
    expect(await host.definition('web1')).not.toBe(before);

    const script = (await shownScript())
      .replaceAll('/var/lib/virtioize', host.program.stateDir)
      .replaceAll('FOLDER', basename(document.guests[0]?.conversionId ?? ''));
    const env = { ...host.root.env, LIBVIRT_DEFAULT_URI: host.root.uri };
    const { stdout } = await execa('bash', ['-e', '-c', script], { env });
    expect(stdout).toMatch(/record\.json: +"action": "convert"[\s\S]*Domain 'web1' defined/);
    expect(await host.definition('web1')).toBe(before);

    expect((await virtioize(['status', 'web1'], host.program)).stdout).toContain('1 guest, 1 convertible');
    expect(await virtioizeJson(['convert', 'web1', ...VOUCHED], host.program)).toMatchObject({
      status: 0,
      document: { guests: [{ outcome: 'converted' }] },
    });
    expect((await virtioize(['rollback', 'web1'], host.program)).status).toBe(0);
    expect(await host.definition('web1')).toBe(before);
  });
});
