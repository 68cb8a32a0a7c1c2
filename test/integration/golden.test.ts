import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootDisk } from '../../src/domain/boot-order.ts';
import { readDisks } from '../../src/domain/disk.ts';
import { diskIndex } from '../../src/domain/disk-name.ts';
import { asStored, findDifferences } from '../../src/domain/verify.ts';
import { parseDefinition, selectText } from '../../src/domain/xml.ts';
import { isRewritten, readGoldenCases, readGoldenDefinition } from '../definitions/golden-cases.ts';
import { createEmbeddedRoot, type EmbeddedRoot } from '../testbed/embedded-root.ts';

/** The rewritten definitions that this machine's libvirt can be asked to define. */
const cases = readGoldenCases()
  .filter((one) => one.define && isRewritten(one))
  .map(({ name, title, ...rest }) => ({ name, title, ...rest, definition: readGoldenDefinition({ name }, 'out') }));

/** Those of which libvirt can tell QEMU's command line here: no secrets, pools, host devices or firmware. */
const bootCases = cases.filter(
  ({ name }) => /^(?:boot|ide|names|sata|scsi-l|usb)-/.test(name) && name !== 'boot-network-on-a-hostdev-interface',
);

let root: EmbeddedRoot;
let folder: string;

beforeAll(async () => {
  root = await createEmbeddedRoot();
  folder = await mkdtemp(join(tmpdir(), 'virtioize-golden-'));
});

afterAll(async () => {
  await root.dispose();
  await rm(folder, { recursive: true, force: true });
});

describe('libvirt', () => {
  it.each(cases)('stores as planned: $name, $title', async ({ definition }) => {
    await root.define(definition);
    const uuid = /<uuid>(.*?)<\/uuid>/.exec(definition)?.[1] ?? '';
    try {
      const stored = await root.virsh(['dumpxml', '--inactive', '--security-info', uuid]);
      expect(findDifferences(definition, stored)).toEqual([]);
      expect(asStored(definition, stored)).toBe(stored);
    } finally {
      await root.virsh(['undefine', uuid, '--keep-nvram']);
    }
  });

  it.each(bootCases)('boots the disk that virtioize says: $name', async ({ name, definition }) => {
    const document = parseDefinition(definition);
    const expected = bootDisk(document);
    const file = join(folder, `${name}.xml`);
    await writeFile(file, definition);
    const native = await root.virsh(['domxml-to-native', 'qemu-argv', '--xml', file]);
    expect(nativeBootDisk(native)).toBe(expected === undefined ? undefined : deviceId(definition, expected));
  });
});

/** QEMU's id of the hard disk with the lowest bootindex. */
function nativeBootDisk(commandLine: string): string | undefined {
  const devices = [...commandLine.matchAll(/-device '(\{[^']*\})'/g)].map(
    ([, json = '{}']) => JSON.parse(json) as { id?: string; driver?: string; bootindex?: number },
  );
  const disks = devices.filter(
    ({ id, driver, bootindex }) =>
      bootindex !== undefined &&
      id !== undefined &&
      /^(?:virtio-blk|ide-hd|scsi-hd|scsi-block|usb-storage)/.test(driver ?? ''),
  );
  return disks.sort((one, other) => (one.bootindex ?? 0) - (other.bootindex ?? 0))[0]?.id;
}

/** QEMU's id of a disk, as libvirt makes it (src/qemu/qemu_alias.c). */
function deviceId(definition: string, target: string): string | undefined {
  const disk = readDisks(parseDefinition(definition)).find((one) => one.target === target);
  if (disk === undefined) return undefined;
  const at = (name: string): string => selectText(disk.element, `address/@${name}`) ?? '0';
  const alias = selectText(disk.element, 'alias/@name');
  if (alias !== undefined) return alias;
  if (disk.bus === 'virtio') return `virtio-disk${diskIndex(target)}`;
  if (disk.bus === 'usb') return `usb-disk${diskIndex(target)}`;
  if (disk.bus === 'scsi' && disk.emulated === undefined)
    return `scsi${at('controller')}-${at('bus')}-${at('target')}-${at('unit')}`;
  return `${disk.bus}${at('controller')}-${at('bus')}-${at('unit')}`;
}
