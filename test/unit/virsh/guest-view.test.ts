import { describe, expect, it } from '@jest/globals';
import { answersPing, readGuestView } from '../../../src/virsh/guest-view.ts';
import type { Session } from '../../../src/virsh/session.ts';
import { domainXml } from '../../definitions/domain-xml.ts';

const GUEST = { name: 'g', uuid: '6f1ed5c8-3d02-4a6b-8f5c-000000000001' };
const IDE =
  "<controller type='ide' index='0'><address type='pci' domain='0' bus='0' slot='0x01' function='0x1'/></controller>";
/** hda on IDE, vdb in slot 9. */
const LIVE = domainXml({
  disks: [
    { target: 'hda', bus: 'ide' },
    { target: 'vdb', bus: 'virtio' },
  ],
  devices: IDE,
});

const ON_IDE = {
  'bus-type': 'ide',
  'pci-controller': { domain: 0, bus: 0, slot: 1, function: 1 },
  bus: 0,
  target: 0,
  unit: 0,
};
const ON_VIRTIO = { ...ON_IDE, 'bus-type': 'virtio', 'pci-controller': { domain: 0, bus: 0, slot: 9, function: 0 } };
const NOWHERE = { domain: -1, bus: -1, slot: -1, function: -1 };

type Answers = Readonly<Record<string, unknown>>;

/** A libvirt whose guest's agent gives recorded answers; a string is printed as it is. */
function fakeAgent(answers: Answers): Session {
  return {
    uri: 'test:///fake',
    async run(words) {
      const { execute } = JSON.parse(words.at(-1) ?? '') as { execute: string };
      const answer = execute in answers ? answers[execute] : undefined;
      if (answer === undefined) return { stdout: '', errors: ['Guest agent is not responding: not connected'] };
      return { stdout: typeof answer === 'string' ? answer : JSON.stringify({ return: answer }), errors: [] };
    },
    outlivesReader: true,
    isOver: () => false,
    close: async () => {},
  };
}

const readView = (answers: Answers) => readGuestView(fakeAgent({ 'guest-ping': {}, ...answers }), GUEST, LIVE);

const disks = (...addresses: unknown[]) => ({
  'guest-get-disks': addresses.map((address) => ({ name: 'x', address })),
});

describe('from the recorded answers of an agent', () => {
  it('each disk is told by its bus and by its place in the definition', async () => {
    expect((await readView(disks(ON_IDE, ON_VIRTIO)))?.disks).toEqual([
      { bus: 'ide', target: 'hda' },
      { bus: 'virtio', target: 'vdb' },
    ]);
  });

  it('each file system is told with the disks that it lies on', async () => {
    const mounted = [
      { name: 'sda1', mountpoint: '/', type: 'ext4', disk: [ON_IDE] },
      { name: 'data', mountpoint: '/data', type: 'xfs', disk: [ON_IDE, ON_VIRTIO] },
      { name: 'tmpfs', mountpoint: '/run', type: 'tmpfs', disk: [] },
    ];
    expect(await readView({ 'guest-get-fsinfo': mounted })).toEqual({
      disks: undefined,
      fileSystems: [
        { mountPoint: '/', disks: [{ bus: 'ide', target: 'hda' }] },
        {
          mountPoint: '/data',
          disks: [
            { bus: 'ide', target: 'hda' },
            { bus: 'virtio', target: 'vdb' },
          ],
        },
        { mountPoint: '/run', disks: [] },
      ],
    });
  });

  it('a disk whose address it does not know (-1) has none', async () => {
    const unknown = { ...ON_VIRTIO, 'pci-controller': NOWHERE, bus: -1, target: -1, unit: -1 };
    expect((await readView(disks(unknown)))?.disks).toEqual([{ bus: 'virtio', target: undefined }]);
  });

  it('partitions and other disks without an address are none', async () => {
    const answer = [
      { name: '/dev/sda1', partition: true },
      { name: '/dev/sda', partition: false, address: ON_IDE },
    ];
    expect((await readView({ 'guest-get-disks': answer }))?.disks).toEqual([{ bus: 'ide', target: 'hda' }]);
  });

  it('the rest is still told where one disk has an address that makes no sense', async () => {
    const wrong = [null, 'x', 7, [], {}, { ...ON_IDE, unit: '0' }, { ...ON_IDE, 'pci-controller': null }];
    expect((await readView(disks(...wrong, ON_VIRTIO)))?.disks).toEqual([{ bus: 'virtio', target: 'vdb' }]);
  });

  it('numbers that no address has are found nowhere', async () => {
    const numbers = [1e300, -1e300, 0.5, 2 ** 53];
    const odd = numbers.map((slot) => ({ ...ON_VIRTIO, 'pci-controller': { ...NOWHERE, slot } }));
    expect((await readView(disks(...odd)))?.disks).toEqual(numbers.map(() => ({ bus: 'virtio', target: undefined })));
  });

  it('fifty thousand disks are not believed', async () => {
    const many = Array.from({ length: 50_000 }, () => ON_VIRTIO);
    expect((await readView(disks(...many)))?.disks).toBeUndefined();
  });
});

describe('there is no view of a guest', () => {
  it('whose agent does not answer, and it is asked nothing more', async () => {
    expect(await answersPing(fakeAgent({}), GUEST)).toBe(false);
    expect(await readGuestView(fakeAgent(disks(ON_IDE)), GUEST, LIVE)).toBeUndefined();
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['a text', '"x"'],
    ['no JSON', '{"return": [{'],
    ['an error', '{"error": {"class": "CommandNotFound"}}'],
    ['an object', {}],
    ['a list of null', [null]],
    ['a list of lists', [[[]]]],
    ['a deep list', '{"return": '.concat('['.repeat(5000), ']'.repeat(5000), '}')],
  ])('whose agent answers with %s', async (_, answer) => {
    expect(await readView({ 'guest-get-disks': answer, 'guest-get-fsinfo': answer })).toBeUndefined();
  });

  it('whose agent names no mount point, or no disks, for a file system', async () => {
    for (const one of [{ mountpoint: 7, disk: [] }, { disk: [] }, { mountpoint: '/', disk: null }, { mountpoint: '/' }])
      expect(await readView({ 'guest-get-fsinfo': [one] })).toBeUndefined();
  });
});
