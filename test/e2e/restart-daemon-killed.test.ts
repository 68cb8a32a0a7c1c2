import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startVirtioize, virtioizeJson } from '../program.ts';
import { shutdown } from '../testbed/guest-scripts.ts';
import { QUICKLY, until } from '../until.ts';
import { bootAll, createDaemonHost, type DaemonGuest, type DaemonHost, VOUCHED } from './daemon-guest.ts';

/** A system that takes its time to go down, and says when it begins. */
const UNHURRIED = {
  '/usr/sbin/shutdown': shutdown.replace('sync\n', 'echo TESTBED going down >/dev/ttyS0\nsync\nsleep 2\n'),
};

interface Moment {
  readonly title: string;
  readonly name: string;
  readonly until: (guest: DaemonGuest) => Promise<void>;
  /** Whether the system lacks the driver. */
  readonly lacksDriver?: boolean;
}

const atStep = (step: string) => (guest: DaemonGuest) => host.untilStep(guest.name, step);

async function untilSaid(guest: DaemonGuest, text: string): Promise<void> {
  const isSaid = async (): Promise<boolean> =>
    (await readFile(guest.serialLog, 'latin1').catch(() => '')).includes(text);
  await until(`its console says '${text}'`, isSaid, QUICKLY);
}

async function untilOff(guest: DaemonGuest): Promise<void> {
  await until('the end of its QEMU', async () => (await guest.qemu()) === undefined, QUICKLY);
}

async function untilDefined(guest: DaemonGuest): Promise<void> {
  const isDefined = async (): Promise<boolean> => (await guest.disks()).defined[0] === 'vda virtio';
  await until('its new definition', isDefined, QUICKLY);
}

const MOMENTS: readonly Moment[] = [
  { title: 'before it is asked to go off', name: 'back-up', until: atStep('back-up') },
  { title: 'when it is about to be asked', name: 'shut-down', until: atStep('shut-down') },
  { title: 'while it goes down', name: 'going-down', until: (guest) => untilSaid(guest, 'TESTBED going down') },
  { title: 'as its QEMU ends', name: 'off', until: untilOff },
  { title: 'when its new definition is about to be defined', name: 'define', until: atStep('define') },
  { title: 'when it has its new definition', name: 'defined', until: untilDefined },
  { title: 'when it is about to be started', name: 'start', until: atStep('start') },
  {
    title: 'as its new QEMU comes up',
    name: 'starting',
    async until(guest) {
      await atStep('start')(guest);
      await until('its new QEMU', async () => (await guest.qemu()) !== undefined, QUICKLY);
    },
  },
  { title: 'when it begins to be watched', name: 'watch', until: atStep('watch') },
  {
    title: 'when it has booted, and was not yet seen to',
    name: 'booted',
    async until(guest) {
      await atStep('watch')(guest);
      await untilSaid(guest, 'TESTBED booted');
    },
  },
  { title: 'when it is about to be put back', name: 'undo', lacksDriver: true, until: atStep('undo') },
];

let host: DaemonHost;
let guests: DaemonGuest[];

beforeAll(async () => {
  host = await createDaemonHost();
  const able = await host.image('able', { extraFiles: UNHURRIED });
  const lacking = await host.image('lacking', { virtioBlk: false });
  guests = await Promise.all(MOMENTS.map(({ name, lacksDriver }) => host.guest(name, lacksDriver ? lacking : able)));
  await bootAll(guests);
});

afterAll(async () => host.dispose());

describe('a libvirtd that is killed and started again while a guest is restarted', () => {
  it.each(MOMENTS)('leaves the guest running and whole: $title', async ({ name, until: moment, lacksDriver }) => {
    const guest = guests.find((one) => one.name === name) as DaemonGuest;
    const timeout = lacksDriver === true ? ['--boot-timeout', '45s'] : [];
    const running = startVirtioize(
      ['--json', 'convert', name, '--restart', 'graceful', ...VOUCHED, ...timeout],
      host.program,
    );
    await moment(guest);
    await host.daemon.kill();
    await host.daemon.start();
    const run = await running.ended;
    expect([0, 1]).toContain(run.status);
    const last = (await host.journal()).filter((line) => line.guest.name === name).at(-1);
    if (last?.step !== 'end') expect(await virtioizeJson(['recover'], host.program)).toMatchObject({ status: 0 });

    const status = await virtioizeJson(['status', name], host.program);
    expect({ status: status.status, unfinished: status.document.unfinished }).toEqual({ status: 0, unfinished: [] });
    expect(await guest.state()).toBe('running');
    const { defined, live } = await guest.disks();
    expect(live).toEqual(defined);
    if (defined[0] === 'hda ide') expect(await guest.definition()).toBe(guest.before);
    else expect(defined).toEqual(['vda virtio']);
    expect(await guest.booted()).toBe(defined[0] === 'hda ide' ? 'sda' : 'vda');
    if (lacksDriver === true) expect(defined).toEqual(['hda ide']);
  });

  it('leaves no guest off that ran', async () => {
    expect(await Promise.all(guests.map((guest) => guest.state()))).toEqual(guests.map(() => 'running'));
  });
});
