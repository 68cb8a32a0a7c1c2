import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Share,
  type Shortage,
  shareMemory,
  shareScratch,
  usedBytes,
} from '../../../../src/conversion/rehearsal/host-room.ts';

const GIB = 1024 ** 3;

const guest = (memory: string): string => `<domain type='kvm'><name>g</name>${memory}</domain>`;

function granted(answer: Share | Shortage): Share {
  if ('shortage' in answer) throw new Error(answer.shortage);
  return answer;
}

describe('the memory for a clone', () => {
  it('is what its guest may have, whatever it makes do with now', () => {
    const share = granted(
      shareMemory(guest("<memory unit='KiB'>1048576</memory><currentMemory unit='KiB'>65536</currentMemory>"), 4 * GIB),
    );
    expect(share.bytes).toBe(GIB);
    share.giveBack();
  });

  it('is not taken from guests that run: half a GiB is always left', () => {
    expect(shareMemory(guest("<memory unit='KiB'>2097152</memory>"), 2 * GIB)).toEqual({
      shortage: 'it would take 2048 MiB of memory, and the host has 2048 MiB free',
    });
  });

  it('is not given twice: clones that boot at the same time share it', () => {
    const definition = guest("<memory unit='KiB'>2097152</memory>");
    const first = granted(shareMemory(definition, 4 * GIB));
    expect(shareMemory(definition, 4 * GIB)).toHaveProperty('shortage');
    first.giveBack();
    granted(shareMemory(definition, 4 * GIB)).giveBack();
  });
});

describe('what a clone may write', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'virtioize-test-'));
  });
  afterEach(async () => rm(folder, { recursive: true }));

  it('is what the admin allows, where there is so much', async () => {
    const share = granted(await shareScratch(folder, 65 * 1024 * 1024));
    expect(share.bytes).toBe(65 * 1024 * 1024);
    share.giveBack();
  });

  it('is never all that is free, and what others were given is not free', async () => {
    const first = granted(await shareScratch(folder, Number.MAX_SAFE_INTEGER));
    const second = granted(await shareScratch(folder, Number.MAX_SAFE_INTEGER));
    expect(second.bytes).toBeLessThan(first.bytes / 2);
    first.giveBack();
    second.giveBack();
  });

  it('is counted as it lies on the disk', async () => {
    await writeFile(join(folder, 'overlay'), Buffer.alloc(100_000, 1));
    expect(await usedBytes(folder)).toBeGreaterThanOrEqual(100_000);
  });
});
