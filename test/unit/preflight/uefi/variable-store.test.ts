import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UnreadableError } from '../../../../src/preflight/guest-files.ts';
import { readVariableStore } from '../../../../src/preflight/uefi/variable-store.ts';
import { loadOption, numbers, PARTITION_ID, partition } from './make-variables.ts';

describe('what OVMF keeps', () => {
  it('is its boot entries in their order: one that names its partition', async () => {
    expect(await readVariableStore(await fixture('by-partition'))).toEqual([
      {
        name: 'Boot0003',
        description: 'debian',
        isActive: true,
        isCurrent: false,
        path: [
          { kind: 'partition', id: PARTITION_ID },
          { kind: 'file', path: '\\EFI\\debian\\shimx64.efi' },
        ],
      },
      expect.objectContaining({ name: 'Boot0001', description: 'UEFI QEMU HARDDISK QM00001 ' }),
      expect.objectContaining({ name: 'Boot0000', description: 'UiApp' }),
      expect.objectContaining({ name: 'Boot0002', description: 'EFI Internal Shell' }),
    ]);
  });

  it('is the same of one that names the whole path', async () => {
    const [first] = await readVariableStore(await fixture('full-path'));
    expect(first?.path.map(({ kind }) => kind)).toEqual(['other', 'other', 'other', 'partition', 'file']);
  });

  it('is nothing before the first boot', async () => {
    expect(await readVariableStore(store([]))).toEqual([]);
  });
});

describe('a store of variables', () => {
  const entry = loadOption([partition()]);

  it.each([60, 32])('may have heads of %i bytes', async (headBytes) => {
    const variables = [
      { name: 'Boot0001', data: entry },
      { name: 'BootOrder', data: numbers(1) },
    ];
    expect(await readVariableStore(store(variables, headBytes))).toMatchObject([{ name: 'Boot0001' }]);
  });

  it('counts no variable that was deleted, nor one of another vendor', async () => {
    const order = { name: 'BootOrder', data: numbers(1) };
    expect(await readVariableStore(store([{ name: 'Boot0001', data: entry, state: 0x3d }, order]))).toEqual([]);
    expect(await readVariableStore(store([{ name: 'Boot0001', data: entry, vendor: 'ff' }, order]))).toEqual([]);
  });

  it('counts one that was about to be replaced only until its successor is there', async () => {
    const old = { name: 'Boot0001', data: loadOption([partition()], { description: 'old' }), state: 0x3e };
    const order = { name: 'BootOrder', data: numbers(1) };
    expect(await readVariableStore(store([old, order]))).toMatchObject([{ description: 'old' }]);
    const successor = { name: 'Boot0001', data: loadOption([partition()], { description: 'new' }) };
    expect(await readVariableStore(store([successor, old, order]))).toMatchObject([{ description: 'new' }]);
  });

  it('does not name an entry twice, nor more than any firmware tries', async () => {
    const order = { name: 'BootOrder', data: numbers(...Array.from({ length: 5000 }, () => 1)) };
    expect(await readVariableStore(store([{ name: 'Boot0001', data: entry }, order]))).toHaveLength(1);
  });

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a qcow2 image', Buffer.concat([Buffer.from('QFI\xfb', 'latin1'), Buffer.alloc(1000)])],
    ['a volume without a store', volume(Buffer.alloc(100))],
    ['a volume that is cut short', volume(Buffer.alloc(0))],
    ['more than any flash has', Buffer.alloc(65 * 1024 * 1024)],
  ])('is not %s', async (_, content) => {
    await expect(readVariableStore(content)).rejects.toThrow(UnreadableError);
  });

  it('is read from any bytes with no other error, and to an end', async () => {
    const whole = (await fixture('by-partition')).subarray(0, 0x4200);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 200 }),
        async (changes) => {
          const damaged = Buffer.from(whole);
          for (const [offset, value] of changes) damaged[offset] = value;
          await expectSaneReading(damaged);
        },
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        await expectSaneReading(Buffer.from(bytes));
        await expectSaneReading(storeOf(Buffer.from(bytes)));
      }),
    );
  });
});

async function expectSaneReading(content: Buffer): Promise<void> {
  const read = await readVariableStore(content).catch((error: unknown) => error);
  expect(read instanceof UnreadableError || Array.isArray(read)).toBe(true);
}

async function fixture(name: string): Promise<Buffer> {
  return gunzipSync(await readFile(new URL(`../../../fixtures/uefi/${name}.fd.gz`, import.meta.url)));
}

interface Variable {
  readonly name: string;
  readonly data: Buffer;
  readonly state?: number;
  readonly vendor?: string;
}

const GLOBAL = '61dfe48bca93d211aa0d00e098032b8c';
const [AUTHENTICATED, PLAIN] = ['782cf3aa7b949a43a1802e144ec37792', '1636cfdd7532644198b6fe85707ffe7d'];

function store(variables: readonly Variable[], headBytes = 60): Buffer {
  const bytes = variables.map(({ name, data, state = 0x3f, vendor = GLOBAL }) => {
    const head = Buffer.alloc(headBytes);
    head.writeUInt16LE(0x55aa, 0);
    head[2] = state;
    const text = Buffer.from(`${name}\0`, 'utf16le');
    head.writeUInt32LE(text.length, headBytes - 24);
    head.writeUInt32LE(data.length, headBytes - 20);
    Buffer.from(vendor.padEnd(32, '0'), 'hex').copy(head, headBytes - 16);
    const whole = Buffer.concat([head, text, data]);
    return Buffer.concat([whole, Buffer.alloc((4 - (whole.length % 4)) % 4, 0xff)]);
  });
  return storeOf(Buffer.concat(bytes), headBytes);
}

function storeOf(variables: Buffer, headBytes = 60): Buffer {
  const head = Buffer.alloc(28);
  Buffer.from(headBytes === 60 ? AUTHENTICATED : PLAIN, 'hex').copy(head);
  head.writeUInt32LE(28 + variables.length + 100, 16);
  return volume(Buffer.concat([head, variables, Buffer.alloc(100, 0xff)]));
}

function volume(content: Buffer): Buffer {
  const head = Buffer.alloc(72);
  head.write('_FVH', 40);
  head.writeUInt16LE(72, 48);
  return Buffer.concat([head, content]);
}
