import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { holdVirsh } from '../faults/held-virsh.ts';
import { startVirtioize, virtioize, virtioizeJson } from '../program.ts';
import { until } from '../until.ts';
import { bootAll, createDaemonHost, type DaemonGuest, type DaemonHost, VOUCHED } from './daemon-guest.ts';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

let host: DaemonHost;
let bootId: string;
let able: string;
let lacking: string;

beforeAll(async () => {
  host = await createDaemonHost();
  able = await host.image('able', {});
  lacking = await host.image('lacking', { virtioBlk: false });
  bootId = join(host.folder, 'boot-id');
  await writeFile(bootId, `${randomUUID()}\n`);
  await inside('mount', '--bind', bootId, BOOT_ID);
});

afterAll(async () => host.dispose());

async function inside(...words: string[]): Promise<string> {
  const [file = '', ...rest] = [...host.daemon.enter, ...words];
  return (await execa(file, rest)).stdout;
}

/** Begin to restart a guest, and kill the program at a step. */
async function interruptAt(guest: DaemonGuest, step: string): Promise<void> {
  const words = ['convert', guest.name, '--restart', 'graceful', '--boot-timeout', '20s', ...VOUCHED];
  const running = startVirtioize(words, host.program);
  await host.untilStep(guest.name, step);
  running.send('SIGKILL');
  expect(await running.ended).toMatchObject({ status: undefined, signal: 'SIGKILL' });
}

/** As after a power failure: no guest runs, libvirt is new, and the kernel's boot has another name. */
async function simulateReboot(): Promise<void> {
  for (const name of (await host.daemon.virsh('list', '--name')).split('\n').filter(Boolean))
    await host.daemon.virsh('destroy', name);
  await host.daemon.kill();
  await writeFile(bootId, `${randomUUID()}\n`);
  await host.daemon.start();
}

/** A killed program leaves its virsh to finish the one command that it was told. */
async function untilUnlocked(): Promise<void> {
  const lock = join(host.program.stateDir, '*', 'lock');
  await until(
    'the end of its virsh',
    async () => (await execa('sh', ['-c', `flock -n ${lock} true`], { reject: false })).exitCode === 0,
  );
}

const MOMENTS = [
  { step: 'shut-down', name: 'asked', side: 'before', outcome: 'failed' },
  { step: 'start', name: 'defined', side: 'after', outcome: 'converted' },
  { step: 'undo', name: 'taken-back', side: 'before', outcome: 'rolled-back' },
] as const;

describe('a restart that a reboot of the host interrupted (simulated: other boot id, new libvirtd, no guest runs)', () => {
  it.each(MOMENTS)('is settled without starting the guest: $step', async ({ step, name, side, outcome }) => {
    const guest = await host.guest(name, step === 'undo' ? lacking : able);
    await bootAll([guest]);
    await interruptAt(guest, step);
    await untilUnlocked();
    await simulateReboot();

    const { status, document } = await virtioizeJson(['recover'], host.program);
    expect(document.guests).toMatchObject([{ name, outcome, warnings: [{ code: 'not-started' }] }]);
    expect(document.guests[0]?.warnings[0]?.message).toContain(`virsh start ${name}`);
    expect(status).toBe(0);
    expect(await guest.state()).toBe('shut off');
    if (side === 'before') expect(await guest.definition()).toBe(guest.before);
    expect((await guest.disks()).defined).toEqual([side === 'before' ? 'hda ide' : 'vda virtio']);

    const again = await virtioizeJson(['recover'], host.program);
    expect(again).toMatchObject({ status: 0, document: { guests: [], unfinished: [] } });
    expect(await guest.state()).toBe('shut off');
    expect((await virtioize(['status', name], host.program)).status).toBe(0);
    await guest.start();
    expect(await guest.booted()).toBe(side === 'before' ? 'sda' : 'vda');
    await host.daemon.virsh('destroy', name);
  });
});

describe('a libvirtd that was started anew while the only guest was off, so that its numbers begin anew', () => {
  it('does not take the restarted guest for the instance that was asked to go off (a fake delay)', async () => {
    await simulateReboot();
    const guest = await host.guest('only', able);
    await bootAll([guest]);
    const virsh = await holdVirsh(host.folder, 'define');
    await virsh.arm();
    const words = ['convert', guest.name, '--restart', 'graceful', ...VOUCHED];
    const running = startVirtioize(words, { ...host.program, env: virsh.env });
    await virsh.untilHeld();
    await host.daemon.kill();
    await host.daemon.start();
    await virsh.release();
    await host.untilStep(guest.name, 'watch');
    running.send('SIGKILL');
    await running.ended;
    await untilUnlocked();
    expect(await host.daemon.virsh('domid', guest.name)).toBe('1');

    const { status, document } = await virtioizeJson(['recover'], host.program);
    const { defined, live } = await guest.disks();
    expect(live).toEqual(defined);
    const isNew = defined[0] === 'vda virtio';
    expect(document.guests).toMatchObject([
      isNew ? { outcome: 'converted', restart: 'verified' } : { outcome: 'failed' },
    ]);
    expect(status).toBe(0);
    expect((await host.journal()).at(-1)).toMatchObject({ step: 'end', side: isNew ? 'done' : 'undone' });
    expect((await host.journal()).at(-1)).not.toHaveProperty('wanted');
  });
});
