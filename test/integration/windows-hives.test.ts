import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFirmware } from '../../src/domain/firmware.ts';
import type { Judgement } from '../../src/preflight/judgement.ts';
import { examineWindowsDisk } from '../../src/preflight/offline/examine-windows-disk.ts';
import { systemFiles } from '../labelled/windows/system-volume.ts';
import type { WindowsGuest } from '../labelled/windows/windows-guest.ts';
import { windowsGuests } from '../labelled/windows/windows-guests.ts';
import { guestXml } from '../testbed/guest-xml.ts';
import { memoryFiles } from '../unit/preflight/memory-files.ts';

/** Its system can't be read at all; that is seen on its disk. */
const guests = windowsGuests.filter(({ windows }) => windows.bitLocker !== 'system');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-test-'));
});
afterAll(async () => rm(folder, { recursive: true }));

describe('Windows, by its real hives and its files', () => {
  it.each(guests)('$name is $label.is', async (guest) => {
    const judgement = await examine(guest);
    expect(answerOf(judgement)).toEqual(expected(guest));
    expect(judgement.warnings.map(({ code }) => code).sort()).toEqual(
      [...(guest.label.warnings ?? [])].filter((code) => code !== 'stale-evidence').sort(),
    );
  });
});

/** In one word, or what is refused. */
function answerOf({ verdict, lack, refusals, stale }: Judgement): string {
  if (stale !== undefined) return 'unknowable';
  const codes = [...(verdict === 'refuted' && lack !== undefined ? [lack] : []), ...refusals].map(({ code }) => code);
  if (codes.length > 0) return codes.sort().join();
  return verdict === 'proven' ? 'ready' : verdict === 'likely' ? 'likely' : 'unknowable';
}

function expected({ label }: WindowsGuest): string {
  return label.is === 'not ready' ? [...(label.refusals ?? [])].sort().join() : label.is;
}

async function examine({ name, machine, firmware, windows }: WindowsGuest): Promise<Judgement> {
  const scratch = join(folder, name);
  await mkdir(scratch);
  const contents = await systemFiles(join(scratch, 'hive'), windows.system);
  const files = memoryFiles(contents);
  const paths = new Map(Object.keys(contents).map((path) => [path.toLowerCase(), path]));
  const bus = machine === 'pc' ? 'ide' : 'sata';
  const targets = windows.hasDataDisk === true ? ['a', 'b'] : ['a'];
  const disks = targets.map((letter) => ({ path: '/x', format: 'raw', bus, target: `sd${letter}` }) as const);
  const definition = guestXml({ name, machine, disks, ...(firmware === undefined ? {} : { firmware }) });
  const loader = 'MZ';
  const esp = memoryFiles({ '/EFI/BOOT/BOOTX64.EFI': loader });
  return examineWindowsDisk(
    {
      scratch,
      system: {
        root: '/dev/sda2',
        type: 'windows',
        distro: 'windows',
        productName: 'Windows',
        mountPoints: new Map(),
        systemRoot: windows.system.generation === 'xp' ? '/WINDOWS' : '/Windows',
      },
      found: { systems: [], fileSystems: new Map(windows.bitLocker === 'data' ? [['/dev/sda3', 'BitLocker']] : []) },
      guest: { name, definition, store: undefined },
    },
    {
      files: { open: (path) => files.open(paths.get(path.toLowerCase()) ?? path), list: (path) => files.list(path) },
      firmware: readFirmware(definition),
      partitions: [{ files: esp, root: '', id: undefined }],
    },
  );
}
