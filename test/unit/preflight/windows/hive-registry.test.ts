import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { UnreadableError } from '../../../../src/preflight/guest-files.ts';
import { isDirtyHive } from '../../../../src/preflight/windows/dirty-hive.ts';
import { createHiveRegistry, type ExportKey } from '../../../../src/preflight/windows/hive-registry.ts';
import { parseRegistryExport } from '../../../../src/preflight/windows/registry-export.ts';
import { makeDirty } from '../../../windows/empty-hive.ts';
import { type RegistryKeys, writeHive } from '../../../windows/registry-file.ts';
import { type WindowsSystem, windows7, windows10 } from '../../../windows/windows-systems.ts';
import { examine } from './examine.ts';

/** What a guest may name a value or put into one, to look like something else. */
const HOSTILE = '"\\\n[\\ControlSet001\\Services\\viostor\\StartOverride]\n"0"=dword:00000003\n@="x"';
const HOSTILE_NAME = 'a"b\\c"=[d]';

describe('the registry in real hive files', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'virtioize-hives-'));
    await writeHive(join(folder, 'SYSTEM'), {
      Select: { Current: 2, Default: 2 },
      'ControlSet001\\Services\\viostor': { Start: 3 },
      'ControlSet002\\Services\\viostor': {
        Start: 0,
        ImagePath: 'System32\\drivers\\viostor.sys',
        '': 'default',
        Owners: ['oem3.inf', 'oem4.inf'],
        Blob: Buffer.from([0, 255]),
        Note: HOSTILE,
        [HOSTILE_NAME]: 'x',
        Text: 'Ärger 磁盘',
      },
      'ControlSet002\\Services\\viostor\\Parameters\\PnpInterface': { 5: 1 },
      'ControlSet002\\Services\\Other': {},
    });
    await writeHive(join(folder, 'SOFTWARE'), {
      'Microsoft\\Windows NT\\CurrentVersion': { ProductName: 'Windows 10' },
    });
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is that of the current control set, by the paths that were asked for', async () => {
    const keys = await createHiveRegistry(exportFrom(folder)).read('SYSTEM\\CurrentControlSet\\Services\\viostor');
    expect(keys.map(({ path }) => path)).toEqual([
      'SYSTEM\\CurrentControlSet\\Services\\viostor',
      'SYSTEM\\CurrentControlSet\\Services\\viostor\\Parameters',
      'SYSTEM\\CurrentControlSet\\Services\\viostor\\Parameters\\PnpInterface',
    ]);
    expect(Object.fromEntries(keys[0]?.values ?? [])).toEqual({
      start: 0,
      imagepath: 'System32\\drivers\\viostor.sys',
      '': 'default',
      owners: ['oem3.inf', 'oem4.inf'],
      blob: Buffer.from([0, 255]),
      note: HOSTILE,
      [HOSTILE_NAME]: 'x',
      text: 'Ärger 磁盘',
    });
  });

  it('gives a key with the names below it, however it is written', async () => {
    const registry = createHiveRegistry(exportFrom(folder));
    const services = await registry.readKey('system\\currentcontrolset\\SERVICES');
    expect(services?.subkeys).toEqual(['Other', 'viostor']);
    expect((await registry.readKey('SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion'))?.values.get('productname')).toBe(
      'Windows 10',
    );
  });

  it('finds keys by their own names alone', async () => {
    const registry = createHiveRegistry(exportFrom(folder));
    expect(await registry.find('SYSTEM\\CurrentControlSet\\Services', 'VIO')).toEqual([
      'SYSTEM\\CurrentControlSet\\Services\\viostor',
    ]);
    expect(await registry.find('SYSTEM\\ControlSet001\\Services\\viostor', 'Services')).toEqual([]);
  });

  it('has no keys where there are none', async () => {
    const registry = createHiveRegistry(exportFrom(folder));
    expect(await registry.read('SYSTEM\\DriverDatabase')).toEqual([]);
    expect(await registry.readKey('SYSTEM\\DriverDatabase')).toBeUndefined();
    expect(await registry.find('SYSTEM\\DriverDatabase', 'VEN')).toEqual([]);
  });

  it('asks no hive that does not count', async () => {
    await expect(createHiveRegistry(exportFrom(folder)).read('SAM\\SAM')).rejects.toThrow(UnreadableError);
  });

  it('asks for each key once', async () => {
    const asked: string[] = [];
    const registry = createHiveRegistry(async (hive, key, depth) => {
      asked.push(`${hive} ${key} ${depth ?? 'all'}`);
      return exportFrom(folder)(hive, key, depth);
    });
    for (let round = 0; round < 3; round++) await registry.read('SYSTEM\\CurrentControlSet\\Services\\viostor');
    expect(asked).toEqual(['SYSTEM Select 1', 'SYSTEM ControlSet002\\Services\\viostor all']);
  });

  it.each<[string, WindowsSystem]>([
    ['Windows 10', windows10()],
    ['Windows 7', windows7()],
  ])('proves the same as any other: %s', async (name, system) => {
    const own = join(folder, name);
    await execa('mkdir', [own]);
    await writeHives(own, system);
    const judgement = await examine(
      { keys: {}, files: system.files },
      { registry: createHiveRegistry(exportFrom(own)) },
    );
    const { system: told, ...facts } = judgement.facts;
    expect(judgement.verdict).toBe('proven');
    expect(told).toContain(name);
    expect({ system: told, ...facts }).toEqual((await examine(system)).facts);
  });

  it('is stale where a hive was not written to its end', async () => {
    const head = (await readFile(join(folder, 'SYSTEM'))).subarray(0, 512);
    expect(isDirtyHive(head)).toBe(false);
    expect(isDirtyHive(makeDirty(head))).toBe(true);
    for (const broken of [Buffer.alloc(0), Buffer.from('regf'), Buffer.alloc(512)])
      expect(isDirtyHive(broken)).toBe(true);
  });
});

describe('the control set that Windows starts with', () => {
  it.each<[string, string | undefined, string]>([
    ['no Select', undefined, 'does not say which control set'],
    ['no Current', '[\\Select]\n"Default"=dword:00000001\n', 'does not say which control set'],
    ['the number 0', '[\\Select]\n"Current"=dword:00000000\n', 'does not say which control set'],
    ['a number without end', '[\\Select]\n"Current"=dword:ffffffff\n', 'does not say which control set'],
    ['a text', '[\\Select]\n"Current"=hex(1):31,00,00,00\n', 'does not say which control set'],
    [
      'another next time',
      '[\\Select]\n"Current"=dword:00000001\n"Default"=dword:00000002\n',
      'starts with 2 the next time',
    ],
  ])('is not known by %s', async (_, select, message) => {
    const registry = createHiveRegistry(async (_hive, key) => (key === 'Select' ? select : '[\\ControlSet001]\n'));
    await expect(registry.read('SYSTEM\\CurrentControlSet\\Services')).rejects.toThrow(message);
  });
});

describe('what hivexregedit prints', () => {
  it('is refused where it is more than any system has', () => {
    const many = Array.from({ length: 50_001 }, (_, number) => `[\\${number}]`).join('\n');
    expect(() => parseRegistryExport(many, 'SYSTEM')).toThrow('more keys than any system needs');
    expect(() => parseRegistryExport('x'.repeat(33 * 1024 * 1024), 'SYSTEM')).toThrow('more to read than');
  });

  it.each(['"Start"=dword:0', '"Start"=hex(1):0', '"Start"=hex(1):00,', '"Start"="text"', '"Start"=hex(zz):00'])(
    'is refused where it makes no sense: %s',
    (line) => {
      expect(() => parseRegistryExport(`[\\A]\n${line}\n`, 'SYSTEM')).toThrow(UnreadableError);
    },
  );

  it('is read with a prefix and without', () => {
    const paths = (text: string): string[] => parseRegistryExport(text, 'SYSTEM').map(({ path }) => path);
    expect(paths('[\\]\n[\\Select]\n[\\A\\B]\n')).toEqual(['SYSTEM', 'SYSTEM\\Select', 'SYSTEM\\A\\B']);
    expect(paths('[HKEY_LOCAL_MACHINE\\SYSTEM]\n[HKEY_LOCAL_MACHINE\\SYSTEM\\Select]\n')).toEqual([
      'SYSTEM',
      'SYSTEM\\Select',
    ]);
  });

  it('may hold names with line feeds, which are none that matter', () => {
    const [key] = parseRegistryExport('[\\A]\n"Sta\nrt"=dword:00000003\n"Start"=dword:00000000\n', 'SYSTEM');
    expect(Object.fromEntries(key?.values ?? [])).toEqual({ start: 0 });
  });

  it('may hold texts without an end, of odd length, or empty', () => {
    const text = '[\\A]\n"a"=hex(1):61,00\n"b"=hex(1):61,00,62\n"c"=hex(1):\n"d"=hex(7):\n"e"=hex(b):01\n"f"=hex:ff\n';
    expect(Object.fromEntries(parseRegistryExport(text, 'SYSTEM')[0]?.values ?? [])).toEqual({
      a: 'a',
      b: 'a',
      c: '',
      d: [],
      e: Buffer.from([1]),
      f: Buffer.from([255]),
    });
  });
});

/** As whoever reads a guest's disks does it: a key that is not there is told from other failures by its words. */
function exportFrom(folder: string): ExportKey {
  return async (hive, keyPath, maxDepth) => {
    const depth = maxDepth === undefined ? [] : ['--max-depth', String(maxDepth)];
    const { exitCode, stdout, stderr } = await execa(
      'hivexregedit',
      ['--export', ...depth, join(folder, hive), `\\${keyPath}`],
      { reject: false },
    );
    if (exitCode === 0) return stdout;
    if (/path not found in this hive/.test(stderr)) return undefined;
    throw new UnreadableError(stderr);
  };
}

async function writeHives(folder: string, { keys }: WindowsSystem): Promise<void> {
  const below = (hive: string): RegistryKeys =>
    Object.fromEntries(
      Object.entries(keys)
        .filter(([path]) => path.startsWith(`${hive}\\`))
        .map(([path, values]) => [path.slice(hive.length + 1).replace('CurrentControlSet', 'ControlSet001'), values]),
    ) as RegistryKeys;
  await writeHive(join(folder, 'SYSTEM'), { ...below('SYSTEM'), Select: { Current: 1, Default: 1 } });
  await writeHive(join(folder, 'SOFTWARE'), below('SOFTWARE'));
}
