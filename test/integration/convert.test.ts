import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { findDifferences } from '../../src/domain/verify.ts';
import { domainXml } from '../definitions/domain-xml.ts';
import { virtioize, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';

const VOUCHED = ['--assume-driver', '--reason', 'seen its modules'];

let host: TestHost;

beforeAll(async () => {
  host = await createTestHost();
}, 120_000);

afterEach(async () => {
  await host.root.destroyAll();
  for (const uuid of (await host.root.virsh(['list', '--all', '--uuid'])).split('\n').filter(Boolean)) {
    await host.root.virsh(['undefine', uuid, '--snapshots-metadata', '--managed-save']);
  }
});

afterAll(async () => host.dispose());

async function define(name: string, more: Partial<Parameters<typeof domainXml>[0]> = {}): Promise<string> {
  await host.root.define(domainXml({ name, disks: [{ target: 'hda', bus: 'ide' }], ...more, uuid: uuidOf(name) }));
  return host.definition(uuidOf(name));
}

function uuidOf(name: string): string {
  return `6f1ed5c8-3d02-4a6b-8f5c-${Buffer.from(name).toString('hex').slice(-12).padStart(12, '0')}`;
}

describe('converting a guest that is off', () => {
  it('puts its disks on virtio, keeps a backup, and finds nothing to do the second time', async () => {
    const before = await define('web1');
    const { status, document } = await virtioizeJson(['convert', 'web1', ...VOUCHED], host.program);
    expect(status).toBe(0);
    expect(document.guests).toMatchObject([
      { outcome: 'converted', restart: 'not-needed', disks: [{ to: { target: 'vda', bus: 'virtio' } }] },
    ]);
    const after = await host.definition('web1');
    expect(after).toContain("<target dev='vda' bus='virtio'/>");

    const folder = join(
      (await host.hostState()) ?? '',
      'backups',
      uuidOf('web1'),
      document.guests[0]?.conversionId ?? '',
    );
    expect(await readFile(join(folder, 'before.xml'), 'utf8')).toBe(before);
    expect(await readFile(join(folder, 'after.xml'), 'utf8')).toBe(after);
    expect(JSON.parse(await readFile(join(folder, 'record.json'), 'utf8'))).toMatchObject({
      state: 'done',
      reason: 'seen its modules',
      accepted: ['no-driver-evidence'],
    });

    const again = await virtioizeJson(['convert', 'web1', ...VOUCHED], host.program);
    expect(again.status).toBe(0);
    expect(again.document.guests).toMatchObject([{ outcome: 'compliant' }]);
    expect(await host.definition('web1')).toBe(after);
  });

  it('and rolling it back brings the definition back to the letter', async () => {
    const before = await define('web2');
    await virtioize(['convert', 'web2', ...VOUCHED], host.program);
    const { status, document } = await virtioizeJson(['rollback', 'web2'], host.program);
    expect(status).toBe(0);
    expect(document.guests).toMatchObject([{ outcome: 'rolled-back' }]);
    expect(await host.definition('web2')).toBe(before);
    const again = await virtioizeJson(['rollback', 'web2'], host.program);
    expect(again).toMatchObject({ status: 0, document: { guests: [{ outcome: 'compliant' }] } });
  });

  it('and rolling it back after its admin changed memory and took a snapshot reverses the disks alone', async () => {
    const before = await define('web3');
    await virtioize(['convert', 'web3', ...VOUCHED], host.program);
    await host.root.virsh(['setmaxmem', 'web3', '131072', '--config']);
    await host.root.virsh(['snapshot-create-as', 'web3', 'since', '--diskspec', 'vda,snapshot=no']).catch(() => '');
    const { status } = await virtioizeJson(['rollback', 'web3'], host.program);
    expect(status).toBe(0);
    const now = await host.definition('web3');
    expect(now).toContain("<memory unit='KiB'>131072</memory>");
    expect(findDifferences(before, now)).toEqual([]);
  });

  it('never erases its VNC and SPICE passwords, and never shows them', async () => {
    const devices =
      "\n    <graphics type='vnc' port='-1' passwd='vnc-pw1'/>\n    <graphics type='spice' port='-1' passwd='spice-pw'/>";
    await define('web4', { devices });
    const printed: string[] = [];
    for (const words of [
      ['status', '-v'],
      ['preflight', '-v'],
      ['convert', 'web4', '--dry-run', ...VOUCHED],
      ['convert', 'web4', '-v', ...VOUCHED],
      ['history', '-v'],
      ['rollback', 'web4', '--dry-run', '--json'],
      ['rollback', 'web4', '-v'],
      ['convert', 'web4', '--format', 'ndjson', ...VOUCHED],
      ['convert', 'web4', '--json', ...VOUCHED],
    ]) {
      const { stdout, stderr } = await virtioize(words, host.program);
      printed.push(stdout, stderr);
      expect(await host.definition('web4')).toMatch(/passwd='vnc-pw1'[\s\S]*passwd='spice-pw'/);
    }
    printed.push(await readFile(join((await host.hostState()) ?? '', 'journal.ndjson'), 'utf8'));
    expect(printed.join('')).not.toMatch(/vnc-pw1|spice-pw/);
  });

  it('keeps state and backups to its user', async () => {
    await define('web5');
    await virtioize(['convert', 'web5', ...VOUCHED], host.program);
    const files = await readdir(host.program.stateDir, { recursive: true, withFileTypes: true });
    for (const file of files) {
      const { mode } = await stat(join(file.parentPath, file.name));
      expect([file.name, (mode & 0o777).toString(8)]).toEqual([file.name, file.isDirectory() ? '700' : '600']);
    }
  });

  it('is only planned with --dry-run, and nothing is written', async () => {
    const before = await define('dry1');
    const { status, stdout } = await virtioize(['convert', 'dry1', '--dry-run', ...VOUCHED], {
      ...host.program,
      stateDir: join(host.folder, 'none'),
    });
    expect(status).toBe(0);
    expect(stdout).toContain("+      <target dev='vda' bus='virtio'/>");
    expect(await host.definition('dry1')).toBe(before);
    await expect(stat(join(host.folder, 'none'))).rejects.toThrow('ENOENT');
  });
});

describe('hostile names', () => {
  const names = [
    'a b  c',
    "it's",
    '"quoted"',
    'semi;colon',
    'hash#tag',
    '-leading',
    '日本語サーバー',
    'x'.repeat(200),
    '$(reboot)',
    '`id`',
    'back\\slash',
    'a\tb',
  ];

  it.each(names)('%j is converted and rolled back like any other', async (name) => {
    const escaped = name
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('"', '&quot;')
      .replaceAll('\t', '&#9;');
    const uuid = uuidOf('hostile');
    await host.root.define(domainXml({ name: escaped, uuid, disks: [{ target: 'hda', bus: 'ide' }] }));
    const before = await host.definition(uuid);
    const { status, document } = await virtioizeJson(['convert', ...VOUCHED, '--', name], host.program);
    expect({ status, guests: document.guests }).toMatchObject({ status: 0, guests: [{ name, outcome: 'converted' }] });
    expect(await host.definition(uuid)).toContain("bus='virtio'");
    expect((await virtioize(['rollback', '--', name], host.program)).status).toBe(0);
    expect(await host.definition(uuid)).toBe(before);
  });

  it("'1' is the guest of that name, not the one with the number 1", async () => {
    await define('other', { disks: [] });
    await host.root.start('other');
    expect(await host.root.virsh(['domid', 'other'])).toBe('1');
    await define('1');
    const { document } = await virtioizeJson(['convert', '1', ...VOUCHED], host.program);
    expect(document.guests).toMatchObject([{ name: '1', outcome: 'converted' }]);
    expect(await host.definition(uuidOf('1'))).toContain("bus='virtio'");
  });
});
