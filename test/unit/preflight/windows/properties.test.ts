import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RegistryValue } from '../../../../src/preflight/windows/registry.ts';
import { windowsDriver } from '../../../windows/windows-driver.ts';
import type { Keys } from '../../../windows/windows-systems.ts';
import {
  CRITICAL,
  DATABASE,
  type DiskId,
  HARDWARE,
  PACKAGE,
  SERVICE,
  valuesAt,
  type WindowsSystem,
  windows7,
  windows10,
  withoutKey,
} from '../../../windows/windows-systems.ts';
import { examine } from './examine.ts';

const FILE = '/Windows/System32/drivers/viostor.sys';
const diskId = fc.constantFrom<DiskId>('1001', '1042');
const generation = fc.constantFrom(windows10, windows7);
const isNew = (build: typeof windows10 | typeof windows7): boolean => build === windows10;

/** Anything that a guest may have in a value. */
const anyValue: fc.Arbitrary<RegistryValue | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.nat(),
  fc.string(),
  fc.array(fc.string()),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
);

describe('whatever is wrong with one of A to D', () => {
  /** The values that the rules look at: where, and what they must be. */
  const places = (build: typeof windows10 | typeof windows7, id: DiskId): [string, string, RegistryValue][] => [
    [SERVICE, 'Type', 1],
    [SERVICE, 'Start', 0],
    [SERVICE, 'Group', 'SCSI miniport'],
    ...((isNew(build)
      ? [
          [`${DATABASE}\\DriverInfFiles\\oem3.inf`, 'Active', PACKAGE.split('\\').at(-1)],
          [`${PACKAGE}\\Configurations\\scsi_inst`, 'Service', 'viostor'],
        ]
      : [[`${CRITICAL}\\PCI#${HARDWARE[id]}`, 'Service', 'viostor']]) as [string, string, RegistryValue][]),
  ];

  it('a value that is another is never proven', async () => {
    const mutilated = fc
      .tuple(generation, diskId, fc.nat(), anyValue)
      .map(([build, id, number, value]) => {
        const all = places(build, id);
        return { build, id, value, place: all[number % all.length] };
      })
      .filter(({ place, value }) => String(value).toLowerCase() !== String(place?.[2]).toLowerCase());
    await fc.assert(
      fc.asyncProperty(mutilated, async ({ build, id, place, value }) => {
        const [path = '', name = ''] = place ?? [];
        const { keys, files } = build([id]);
        const values = Object.entries({ ...valuesAt(keys, path), [name]: value }).filter(
          ([, one]) => one !== undefined,
        );
        const changed = { ...keys, [path]: Object.fromEntries(values) } as Keys;
        const { verdict } = await examine({ keys: changed, files }, { diskId: id });
        expect(verdict).not.toBe('proven');
        expect(verdict).not.toBe('likely');
      }),
      { numRuns: 500 },
    );
  });

  it('a key that is not there is never proven', async () => {
    const gone = (build: unknown, id: DiskId): string[] => [
      SERVICE,
      ...(build === windows10
        ? [
            DATABASE,
            `${DATABASE}\\DriverInfFiles`,
            `${DATABASE}\\DeviceIds`,
            `${DATABASE}\\DeviceIds\\PCI\\${HARDWARE[id]}`,
            PACKAGE,
            `${PACKAGE}\\Configurations`,
          ]
        : [CRITICAL, `${CRITICAL}\\PCI#${HARDWARE[id]}`]),
    ];
    await fc.assert(
      fc.asyncProperty(generation, diskId, fc.nat(), async (build, id, number) => {
        const all = gone(build, id);
        const { keys, files } = build([id]);
        const system = { keys: withoutKey(keys, all[number % all.length] ?? ''), files };
        expect(['refuted', 'unknown']).toContain((await examine(system, { diskId: id })).verdict);
      }),
    );
  });

  it('an override of any other number than 0 is never proven', async () => {
    const values = fc
      .dictionary(fc.string(), anyValue)
      .filter((one) => Object.values(one).some((value) => value !== 0));
    await fc.assert(
      fc.asyncProperty(generation, values, async (build, overrides) => {
        const present = Object.entries(overrides).filter(([, value]) => value !== undefined);
        if (present.every(([, value]) => value === 0)) return;
        const { keys, files } = build(['1001']);
        const changed = { ...keys, [`${SERVICE}\\StartOverride`]: Object.fromEntries(present) } as Keys;
        const { verdict, lack } = await examine({ keys: changed, files });
        expect([verdict, lack?.code]).toEqual(['refuted', 'driver-not-boot-start']);
      }),
    );
  });

  it('a file of any content that is not a driver for this processor is never proven', async () => {
    const broken = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
      fc.nat({ max: 300 }).map((length) => windowsDriver().subarray(0, length)),
      fc.constantFrom('x86' as const, 'arm64' as const).map((architecture) => windowsDriver({ architecture })),
    );
    await fc.assert(
      fc.asyncProperty(generation, broken, async (build, content) => {
        const { keys } = build(['1001']);
        expect(['refuted', 'unknown']).toContain((await examine({ keys, files: { [FILE]: content } })).verdict);
      }),
      { numRuns: 300 },
    );
  });

  it('a driver for the other id alone is never proven', async () => {
    await fc.assert(
      fc.asyncProperty(generation, diskId, async (build, id) => {
        const system: WindowsSystem = build([id === '1001' ? '1042' : '1001']);
        expect((await examine(system, { diskId: id })).verdict).toBe('refuted');
      }),
    );
  });
});

describe('whatever a registry holds', () => {
  it('never throws, and never fills the records', async () => {
    const long = 'x'.repeat(100_000);
    const paths = fc.constantFrom(...Object.keys(windows10().keys), ...Object.keys(windows7().keys));
    const value = fc.oneof(anyValue, fc.constant(long), fc.constant(Array.from({ length: 1000 }, () => long)));
    const names = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'Start',
        'Type',
        'Group',
        'ImagePath',
        'Service',
        'Active',
        'Configuration',
        'ProductName',
        'oem3.inf',
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        generation,
        fc.array(fc.tuple(paths, names, value), { maxLength: 5 }),
        async (build, changes) => {
          const { keys, files } = build();
          const changed: Record<string, object> = {};
          for (const [path, name, one] of changes)
            changed[path] = { ...(changed[path] ?? valuesAt(keys, path)), [name]: one };
          const system = { keys: { ...keys, ...(changed as Keys) }, files };
          expect(JSON.stringify(await examine(system)).length).toBeLessThan(20_000);
        },
      ),
    );
  });
});
