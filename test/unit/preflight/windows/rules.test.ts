import { describe, expect, it } from '@jest/globals';
import { UnreadableError } from '../../../../src/preflight/guest-files.ts';
import type { RegistryValue } from '../../../../src/preflight/windows/registry.ts';
import { windowsDriver } from '../../../windows/windows-driver.ts';
import {
  BOOT_START,
  CONTROL_SET,
  CRITICAL,
  DATABASE,
  driverDatabase,
  ENUM,
  enumerated,
  HARDWARE,
  PACKAGE,
  SERVICE,
  VERSION,
  type VersionOptions,
  valuesAt,
  versionKeys,
  type WindowsSystem,
  windows7,
  windows10,
  windowsBefore8,
  windowsSince8,
  withoutKey,
  withValues,
} from '../../../windows/windows-systems.ts';
import { examine } from './examine.ts';

const FILE = '/Windows/System32/drivers/viostor.sys';
const STORE = '/Windows/System32/DriverStore/FileRepository/viostor.inf_amd64_520417bbc533faba/viostor.sys';

const BEFORE_8: VersionOptions[] = [
  { major: 5, minor: 1, build: 2600, product: 'Microsoft Windows XP', architecture: 'x86' },
  { major: 5, minor: 2, build: 3790, product: 'Microsoft Windows Server 2003', architecture: 'x86' },
  { major: 6, minor: 0, build: 6002, product: 'Windows Server (R) 2008 Standard', type: 'Server' },
  { major: 6, minor: 1, build: 7601, product: 'Windows 7 Professional', type: 'Client' },
  { major: 6, minor: 1, build: 7601, product: 'Windows Server 2008 R2 Standard', type: 'Server' },
];
const SINCE_8: VersionOptions[] = [
  { major: 6, minor: 2, build: 9200, product: 'Windows 8 Pro', type: 'Client' },
  { major: 6, minor: 2, build: 9200, product: 'Windows Server 2012 Standard', type: 'Server' },
  { major: 6, minor: 3, build: 9600, product: 'Windows Server 2012 R2 Standard', type: 'Server' },
  { major: 10, minor: 0, build: 14_393, product: 'Windows Server 2016 Standard', type: 'Server' },
  { major: 10, minor: 0, build: 17_763, product: 'Windows Server 2019 Standard', type: 'Server' },
  { major: 10, minor: 0, build: 19_045, product: 'Windows 10 Pro', type: 'Client' },
  { major: 10, minor: 0, build: 22_631, product: 'Windows 10 Pro', type: 'Client' },
  { major: 10, minor: 0, build: 26_100, product: 'Windows Server 2025 Standard', type: 'Server Core' },
];
const GENERATIONS: [string, WindowsSystem][] = [
  ...BEFORE_8.map((version): [string, WindowsSystem] => [
    `${version.product} (${version.build})`,
    withDriverFor(version.architecture, windowsBefore8(version)),
  ]),
  ...SINCE_8.map((version): [string, WindowsSystem] => [
    `${version.product} (${version.build})`,
    windowsSince8(version),
  ]),
];

describe.each(GENERATIONS)('%s', (_, system) => {
  const { keys, files } = system;

  it('is proven where A, B, C, D and E hold', async () => {
    const { verdict, summary, lack } = await examine(system);
    expect([verdict, summary]).toEqual([
      'proven',
      "Its driver 'viostor' starts at boot, knows virtio disks of id 1001 and has been bound to one before.",
    ]);
    expect(lack).toBeUndefined();
  });

  it('is likely where it was never bound, and the way out is to prime it', async () => {
    const { verdict, summary, lack } = await examine({ keys: withoutKey(keys, ENUM), files });
    expect([verdict, summary]).toEqual([
      'likely',
      "Its driver 'viostor' starts at boot, knows virtio disks of id 1001, but was not seen bound to one.",
    ]);
    expect(lack).toMatchObject({
      code: 'no-driver-evidence',
      hint: expect.stringMatching(/^virtioize prime win shows .*--require-evidence likely --reason TEXT/),
    });
  });

  it.each<[string, Record<string, RegistryValue | undefined>, string, string]>([
    ['Type is 2', { Type: 2 }, 'driver-missing', 'is no kernel driver (Type is 2, not 1)'],
    ['Type is not there', { Type: undefined }, 'driver-missing', 'Type is not there'],
    ['Type is a text', { Type: '1' }, 'driver-missing', 'Type is not there'],
    ['Start is 3', { Start: 3 }, 'driver-not-boot-start', 'does not start at boot (Start is 3, not 0)'],
    ['Start is not there', { Start: undefined }, 'driver-not-boot-start', 'Start is not there'],
  ])('is refuted where A fails: %s', async (_name, values, code, reason) => {
    const { verdict, summary, lack } = await examine({ keys: withValues(keys, SERVICE, values), files });
    expect([verdict, lack?.code]).toEqual(['refuted', code]);
    expect(summary).toContain(reason);
  });

  it('is refuted where A fails: there is no service, though the database names it', async () => {
    const { verdict, summary, lack } = await examine({ keys: withoutKey(keys, SERVICE), files });
    expect([verdict, lack?.code]).toEqual(['refuted', 'driver-missing']);
    expect(summary).toContain('is not installed as a service');
  });

  it('is unknown where its load group is another: nobody has seen whether it is in time', async () => {
    for (const Group of ['Base', undefined]) {
      const { verdict, summary } = await examine({ keys: withValues(keys, SERVICE, { Group }), files });
      expect(verdict).toBe('unknown');
      expect(summary).toContain("not 'SCSI miniport'");
    }
  });

  it.each<[string, Buffer | undefined, string]>([
    ['is not there', undefined, `has no file: ${FILE} is not there`],
    ['is empty', Buffer.alloc(0), 'is no Windows program'],
    ['is full of zeros, as after a crash', Buffer.alloc(4096), 'is no Windows program'],
    [
      'is a text',
      Buffer.from('not a driver, but longer than its shortest head would have to be .....'),
      'is no Windows',
    ],
    ['ends behind MZ', windowsDriver().subarray(0, 64), 'is no Windows program'],
    ['is for another processor', windowsDriver({ architecture: 'arm64' }), 'for another processor'],
  ])('is refuted where B fails: the file %s', async (_name, content, reason) => {
    const { verdict, summary, lack } = await examine({ keys, files: content === undefined ? {} : { [FILE]: content } });
    expect([verdict, lack?.code]).toEqual(['refuted', 'driver-missing']);
    expect(summary).toContain(reason);
  });

  it('is refuted where C fails: nothing is bound to a disk', async () => {
    const { verdict, summary, lack } = await examine({ keys: withoutKey(keys, CRITICAL, DEVICES), files });
    expect([verdict, lack?.code]).toEqual(['refuted', 'driver-missing']);
    expect(summary).toBe('Its registry has no driver for virtio disks of id 1001.');
  });

  it.each([1, 2, 3, 4])('is refuted where D fails: StartOverride is %s', async (value) => {
    const { verdict, summary, lack } = await examine({
      keys: { ...keys, [`${SERVICE}\\StartOverride`]: { 0: value } },
      files,
    });
    expect([verdict, lack?.code]).toEqual(['refuted', 'driver-not-boot-start']);
    expect(summary).toContain(`StartOverride is ${value}`);
  });

  it.each<[string, Record<string, RegistryValue>]>([
    ['0', { 0: 0 }],
    ['without a value', {}],
  ])('is proven where StartOverride is %s', async (_name, values) => {
    const judgement = await examine({ keys: { ...keys, [`${SERVICE}\\StartOverride`]: values }, files });
    expect(judgement.verdict).toBe('proven');
  });

  it('is refuted where the bus driver does not start at boot', async () => {
    const bus = { [`${CONTROL_SET}\\Services\\pci\\StartOverride`]: { 0: 3 } };
    const { verdict, summary, lack } = await examine({ keys: { ...keys, ...bus }, files });
    expect([verdict, lack?.code]).toEqual(['refuted', 'driver-not-boot-start']);
    expect(summary).toContain("('pci')");
  });

  it.each<[string, string]>([
    ['which Windows it is', VERSION],
    ['what is bound to disks', DATABASE in keys || PACKAGE in keys ? DATABASE : CRITICAL],
    ['the service', SERVICE],
    ['the driver of the bus', `${CONTROL_SET}\\Services\\pci`],
  ])('is unknown where %s could not be read', async (_name, path) => {
    const unreadable = { ...withoutKey(keys, path), [path]: new UnreadableError('Access is denied') };
    const { verdict, summary, lack } = await examine({ keys: unreadable, files });
    expect([verdict, lack?.code]).toEqual(['unknown', 'no-driver-evidence']);
    expect(summary).toContain('Access is denied');
  });

  it('is likely where what it had before could not be read', async () => {
    const unreadable = { ...withoutKey(keys, ENUM), [ENUM]: new UnreadableError('Access is denied') };
    const { verdict, summary } = await examine({ keys: unreadable, files });
    expect([verdict, summary]).toEqual(['likely', expect.stringContaining('(Access is denied)')]);
  });

  it('is unknown where the file could not be read', async () => {
    const { verdict, summary } = await examine({ keys, files: { [FILE]: new UnreadableError('Input/output error') } });
    expect([verdict, summary]).toEqual(['unknown', expect.stringContaining('Input/output error')]);
  });

  it('is likely at most where no file can be seen, unless a disk is in use now', async () => {
    const blind = await examine(system, { files: undefined });
    expect([blind.verdict, blind.lack?.hint]).toEqual(['likely', expect.stringContaining('guest-file-open')]);
    const inUse = await examine(system, { files: undefined, source: 'agent', inUse: new Set(['1001']) });
    expect([inUse.verdict, inUse.summary]).toEqual(['proven', expect.stringContaining('in use for one now')]);
    const other = await examine(system, { files: undefined, source: 'agent', inUse: new Set(['1042']) });
    expect(other.verdict).toBe('likely');
  });

  it('has the driver for one id and not for the other', async () => {
    const others = [HARDWARE['1042']].flatMap((id) => [`${DEVICES}\\${id}`, `${CRITICAL}\\PCI#${id}`]);
    const only1001 = { keys: withoutKey(keys, ...others), files };
    expect((await examine(only1001)).verdict).toBe('proven');
    const { verdict, lack } = await examine(only1001, { diskId: '1042' });
    expect(verdict).toBe('refuted');
    expect(lack?.code).toBe(
      /XP|2003/.test((await examine(system)).facts.system ?? '') ? 'unsupported-machine' : 'driver-missing',
    );
  });

  it('is unknown on a machine without PCI', async () => {
    expect((await examine(system, { diskId: undefined })).verdict).toBe('unknown');
  });
});

const DEVICES = `${DATABASE}\\DeviceIds\\PCI`;

describe('the database of drivers', () => {
  it('is CriticalDeviceDatabase up to Windows 7 alone: later it proves nothing', async () => {
    const { keys, files } = windows10();
    const critical = windows7().keys;
    const mixed = {
      ...withoutKey(keys, DEVICES),
      [`${CRITICAL}\\PCI#${HARDWARE['1001']}`]: critical[`${CRITICAL}\\PCI#${HARDWARE['1001']}`] ?? {},
    };
    expect((await examine({ keys: { ...mixed, [DATABASE]: {} }, files })).verdict).toBe('refuted');
  });

  it('that does not fit the version of Windows makes it unknown', async () => {
    const { keys, files } = windows10();
    const without = await examine({ keys: withoutKey(keys, DATABASE), files });
    expect([without.verdict, without.summary]).toEqual(['unknown', expect.stringContaining('has no DriverDatabase')]);
    const seven = windows7();
    const both = await examine({ keys: { ...seven.keys, ...driverDatabase(['1001']) }, files });
    expect([both.verdict, both.summary]).toEqual(['unknown', expect.stringContaining('has a DriverDatabase')]);
  });

  it.each([
    'VEN_1AF4&DEV_1001',
    'VEN_1AF4&DEV_1001&REV_00',
    'VEN_1AF4&DEV_1001&SUBSYS_00021AF4',
    'VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00',
    'ven_1af4&dev_1001&subsys_00021af4&rev_00',
    'VEN_1AF4&DEV_1001&CC_0100',
  ])('binds a disk by %s', async (id) => {
    expect((await examine(boundBy(windows10(), id))).verdict).toBe('proven');
    expect((await examine(boundBy(windows7(), id))).verdict).toBe('proven');
  });

  it.each([
    'VEN_1AF4&DEV_1001&SUBSYS_00081AF4&REV_00',
    'VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_01',
    'VEN_1AF4&DEV_1001&SUBSYS_11001AF4&REV_01',
    'VEN_1AF4&DEV_1004&SUBSYS_00081AF4&REV_00',
    'VEN_8086&DEV_1001',
    'XVEN_1AF4&DEV_1001',
  ])('binds another device, not a disk, by %s', async (id) => {
    expect((await examine(boundBy(windows10(), id))).verdict).toBe('refuted');
    expect((await examine(boundBy(windows7(), id))).verdict).toBe('refuted');
  });

  const infFile = `${DATABASE}\\DriverInfFiles\\oem3.inf`;
  const configuration = `${PACKAGE}\\Configurations\\scsi_inst`;
  const device = `${DEVICES}\\${HARDWARE['1001']}`;
  const descriptor = `${PACKAGE}\\Descriptors\\PCI\\${HARDWARE['1001']}`;
  it.each<[string, string, Record<string, RegistryValue | undefined>]>([
    ['the INF file has no active package', infFile, { Active: undefined }],
    ['its active package is another', infFile, { Active: 'viostor.inf_amd64_0000000000000000' }],
    ['its active package is a path', infFile, { Active: `..\\DriverPackages` }],
    ['the section has no service', configuration, { Service: undefined }],
    ['the service is a path', configuration, { Service: '..\\viostor' }],
    ['the descriptor names another section', descriptor, { Configuration: 'other_inst' }],
    ['the device names no INF file', device, { 'oem3.inf': undefined }],
    ['the device names it in a text', device, { 'oem3.inf': 'yes' }],
  ])('leads nowhere where %s', async (_, path, values) => {
    const { keys, files } = windows10();
    const { verdict, lack } = await examine({ keys: withValues(keys, path, values), files });
    expect([verdict, lack?.code]).toEqual(['refuted', 'driver-missing']);
  });

  it('needs no descriptor where the package has one section, as virt-v2v leaves it', async () => {
    const { keys, files } = windows10();
    expect((await examine({ keys: withoutKey(keys, `${PACKAGE}\\Descriptors`), files })).verdict).toBe('proven');
  });

  it('may bind a driver of any name', async () => {
    const { keys } = windows10();
    const renamed = {
      ...withoutKey(keys, SERVICE, DATABASE, ENUM),
      [`${CONTROL_SET}\\Services\\pvvxblk`]: { ...BOOT_START, ImagePath: 'system32\\DRIVERS\\pvvxblk.sys' },
      ...driverDatabase(['1001'], 'pvvxblk'),
      ...enumerated(['1001'], { Service: 'pvvxblk' }),
    };
    const { verdict, summary } = await examine({
      keys: renamed,
      files: { '/Windows/system32/DRIVERS/pvvxblk.sys': windowsDriver() },
    });
    expect([verdict, summary]).toEqual(['proven', expect.stringContaining("'pvvxblk'")]);
  });
});

describe('two drivers for one disk', () => {
  const other = `${CONTROL_SET}\\Services\\pvvxblk`;
  const both = (service: Record<string, RegistryValue> = BOOT_START, chosen?: string): WindowsSystem => {
    const { keys, files } = windows10(['1001']);
    const second = driverDatabase(['1001'], 'pvvxblk', 'oem9.inf', `${DATABASE}\\DriverPackages\\pvvxblk.inf_amd64_1`);
    const device = `${DEVICES}\\${HARDWARE['1001']}`;
    return {
      keys: {
        ...withoutKey(keys, ENUM),
        ...second,
        [device]: { ...valuesAt(keys, device), ...valuesAt(second, device) },
        [other]: { ...service, ImagePath: 'System32\\drivers\\pvvxblk.sys' },
        ...(chosen === undefined ? {} : enumerated(['1001'], { Service: chosen })),
      },
      files: { ...files, '/Windows/System32/drivers/pvvxblk.sys': windowsDriver() },
    };
  };

  it.each<[string, WindowsSystem, string]>([
    ['both hold', both(), 'likely'],
    ['both hold and one was bound', both(BOOT_START, 'pvvxblk'), 'proven'],
    ['one does not start at boot', both({ ...BOOT_START, Start: 3 }), 'unknown'],
    ['one does not start at boot, and the other was bound', both({ ...BOOT_START, Start: 3 }, 'viostor'), 'proven'],
    ['one does not start at boot, and it was bound', both({ ...BOOT_START, Start: 3 }, 'pvvxblk'), 'refuted'],
  ])('where %s: %s', async (_, system, verdict) => {
    expect((await examine(system)).verdict).toBe(verdict);
  });
});

describe('a disk that was met before', () => {
  it.each<[string, Record<string, RegistryValue>, string]>([
    ['with this driver', {}, 'proven'],
    ['with this driver in other letters', { Service: 'VioStor' }, 'proven'],
    ['with another driver', { Service: 'pvvxblk' }, 'likely'],
    ['with no driver', { Service: '' }, 'likely'],
    ['and was disabled', { ConfigFlags: 1 }, 'likely'],
    ['and whose installation failed', { ConfigFlags: 0x40 }, 'likely'],
  ])('%s: %s', async (_, values, verdict) => {
    const { keys, files } = windows10(['1001']);
    const system = { keys: { ...withoutKey(keys, ENUM), ...enumerated(['1001'], values) }, files };
    expect((await examine(system)).verdict).toBe(verdict);
  });

  it('counts under the id that the machine will show alone', async () => {
    const { keys, files } = windows10();
    const system = { keys: { ...withoutKey(keys, ENUM), ...enumerated(['1042']) }, files };
    expect((await examine(system, { diskId: '1001' })).verdict).toBe('likely');
    expect((await examine(system, { diskId: '1042' })).verdict).toBe('proven');
  });

  it('is one that is attached or in use now, too', async () => {
    const { keys, files } = windows10();
    const system = { keys: withoutKey(keys, ENUM), files };
    expect((await examine(system, { source: 'agent', attachedLive: new Set(['1001']) })).verdict).toBe('proven');
    expect((await examine(system, { source: 'agent', inUse: new Set(['1001']) })).verdict).toBe('proven');
    expect((await examine(system, { source: 'agent', attachedLive: new Set(['1042']) })).verdict).toBe('likely');
  });

  it('does not count where Windows met it and did not start the driver', async () => {
    const { keys, files } = windows10();
    const failed = { keys: { ...withoutKey(keys, ENUM), ...enumerated(['1001'], { ConfigFlags: 0x40 }) }, files };
    const ids = new Set(['1001'] as const);
    expect((await examine(failed, { source: 'agent', attachedLive: ids, inUse: ids })).verdict).toBe('likely');
  });
});

describe('the path of a driver', () => {
  it.each<[string | undefined, string, string]>([
    ['System32\\drivers\\viostor.sys', FILE, 'proven'],
    ['system32\\DRIVERS\\viostor.sys', '/Windows/system32/DRIVERS/viostor.sys', 'proven'],
    ['\\SystemRoot\\System32\\drivers\\viostor.sys', FILE, 'proven'],
    ['%SystemRoot%\\System32\\drivers\\viostor.sys', FILE, 'proven'],
    [STORE.slice('/Windows/'.length).replaceAll('/', '\\'), STORE, 'proven'],
    [`\\SystemRoot\\${STORE.slice('/Windows/'.length).replaceAll('/', '\\')}`, STORE, 'proven'],
    [undefined, FILE, 'proven'],
    ['', FILE, 'proven'],
    ['System32\\drivers\\other.sys', FILE, 'refuted'],
    ['\\??\\C:\\Windows\\System32\\drivers\\viostor.sys', FILE, 'unknown'],
    ['C:\\Windows\\System32\\drivers\\viostor.sys', FILE, 'unknown'],
    ['System32\\drivers\\..\\drivers\\viostor.sys', FILE, 'unknown'],
    ['\\\\host\\share\\viostor.sys', FILE, 'unknown'],
  ])('%j: %s', async (ImagePath, file, verdict) => {
    const { keys } = windows10();
    const system = { keys: withValues(keys, SERVICE, { ImagePath }), files: { [file]: windowsDriver() } };
    expect((await examine(system)).verdict).toBe(verdict);
  });

  it('lies in the Windows folder, whatever its name', async () => {
    const { keys } = windows10();
    const files = { '/WINNT/System32/drivers/viostor.sys': windowsDriver() };
    expect((await examine({ keys, files }, { systemRoot: '/WINNT' })).verdict).toBe('proven');
  });
});

describe('the signature of a driver', () => {
  const unsigned = { keys: windows10().keys, files: { [FILE]: windowsDriver({ isSigned: false }) } };

  it('is missing: refuted with Secure Boot, else likely at most on 64 bits', async () => {
    const secure = await examine(unsigned, { secureBoot: true });
    expect([secure.verdict, secure.lack?.code, secure.warnings]).toEqual(['refuted', 'driver-missing', []]);
    const { verdict, lack } = await examine(unsigned);
    expect([verdict, lack?.hint]).toEqual(['likely', expect.stringContaining('test mode')]);
  });

  it('is not asked for by Windows on 32 bits', async () => {
    const version = { major: 10, minor: 0, build: 19_045, product: 'Windows 10 Pro', architecture: 'x86' };
    const keys = { ...unsigned.keys, ...versionKeys(version) };
    const files = { [FILE]: windowsDriver({ architecture: 'x86', isSigned: false }) };
    expect((await examine({ keys, files })).verdict).toBe('proven');
  });

  it('is there: a warning with Secure Boot that nobody looked at it', async () => {
    const { verdict, warnings } = await examine(windows10(), { secureBoot: true });
    expect([verdict, warnings]).toEqual(['proven', [{ code: 'secure-boot', message: expect.any(String) }]]);
    expect((await examine(windows10())).warnings).toEqual([]);
  });
});

describe('Windows XP and Server 2003 on a machine that shows modern disks', () => {
  it.each([
    ['Microsoft Windows XP', 1],
    ['Microsoft Windows Server 2003', 2],
  ])('are to be moved to another first: %s', async (product, minor) => {
    const system = windowsBefore8({ major: 5, minor, build: 2600, product, architecture: 'x86' });
    const { verdict, lack } = await examine(system, { diskId: '1042' });
    expect([verdict, lack?.code]).toEqual(['refuted', 'unsupported-machine']);
    expect(lack?.hint).toContain("machine type 'pc'");
  });
});

function withDriverFor(architecture: string | undefined, { keys }: WindowsSystem): WindowsSystem {
  return { keys, files: { [FILE]: windowsDriver({ architecture: architecture === 'x86' ? 'x86' : 'amd64' }) } };
}

/** The same system, whose driver is bound by another name of the device. */
function boundBy({ keys, files }: WindowsSystem, id: string): WindowsSystem {
  const renamed = Object.entries(keys).flatMap(([path, values]): [string, Keys[string]][] => {
    if (path.includes('Enum\\PCI')) return [[path, values]];
    if (path.includes(HARDWARE['1042'])) return [];
    return [[path.replace(HARDWARE['1001'], id), values]];
  });
  return { keys: Object.fromEntries(renamed), files };
}

type Keys = WindowsSystem['keys'];
