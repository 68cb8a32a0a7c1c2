import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { holdVirsh } from '../faults/held-virsh.ts';
import { type ProgramRun, readDocument, type StartedProgram, startVirtioize } from '../program.ts';
import { until } from '../until.ts';
import { bootAll, createDaemonHost, type DaemonGuest, type DaemonHost, VOUCHED } from './daemon-guest.ts';
import { expectAsBefore } from './expect-as-before.ts';

const RESTART = ['--restart', 'graceful', ...VOUCHED];

let host: DaemonHost;
let withAgent: string;
let silent: string;

beforeAll(async () => {
  host = await createDaemonHost();
  withAgent = await host.image('with-agent', {});
  silent = await host.image('silent', { agent: false, writer: true });
});

afterAll(async () => host.dispose());

async function runningGuest(name: string, image: string): Promise<DaemonGuest> {
  const guest = await host.guest(name, image, { agent: image !== silent });
  await bootAll([guest]);
  return guest;
}

function startConversion(guest: DaemonGuest, env: Record<string, string> = {}): StartedProgram {
  return startVirtioize(['--json', 'convert', guest.name, ...RESTART], { ...host.program, env });
}

function expectRefused(run: ProgramRun): void {
  expect(readDocument(run).guests).toMatchObject([{ outcome: 'refused', refusals: [{ code: 'definition-changed' }] }]);
  expect(run.status).toBe(2);
}

/** How many writes its system asked of its only disk since its QEMU was started. */
async function writesOf(guest: DaemonGuest): Promise<number> {
  return Number(/block\.0\.wr\.reqs=(\d+)/.exec(await host.daemon.virsh('domstats', '--block', guest.name))?.[1] ?? 0);
}

describe('somebody else, while a guest is restarted', () => {
  it('starts it before it was looked at again (a fake delay): it is refused and left as it was started', async () => {
    const guest = await runningGuest('started', withAgent);
    const virsh = await holdVirsh(host.folder, 'dumpxml --security-info');
    const running = startConversion(guest, virsh.env);
    await host.untilStep(guest.name, 'shut-down');
    await virsh.arm();
    await virsh.untilHeld();
    expect(await guest.state()).toBe('shut off');
    await guest.start();
    await virsh.release();
    expectRefused(await running.ended);
    await expectAsBefore(guest);
  });

  it('starts it right before it gets its new definition (a fake delay): it is refused, with its old one', async () => {
    const guest = await runningGuest('overtaken', withAgent);
    const virsh = await holdVirsh(host.folder, 'define');
    await virsh.arm();
    const running = startConversion(guest, virsh.env);
    await virsh.untilHeld();
    await guest.start();
    await virsh.release();
    expectRefused(await running.ended);
    await expectAsBefore(guest);
  });

  it('resets it while it is watched without an agent: its 30 s begin anew, and it is verified', async () => {
    const guest = await runningGuest('reset', silent);
    const running = startConversion(guest);
    await host.untilStep(guest.name, 'watch');
    expect(await guest.booted()).toBe('vda');
    const writes = await writesOf(guest);
    await until('ten more writes', async () => (await writesOf(guest)) >= writes + 10);
    await host.daemon.virsh('reset', guest.name);
    const again = await guest.bootedAgain();
    expect(again.root).toBe('vda');
    const run = await running.ended;
    expect(readDocument(run).guests).toMatchObject([{ outcome: 'converted', restart: 'verified' }]);
    expect(Date.now() - again.at).toBeGreaterThan(20_000);
  });

  it('powers it off while it is watched: it gets its old definition back, and comes up with it', async () => {
    const guest = await runningGuest('destroyed', withAgent);
    const running = startConversion(guest);
    await host.untilStep(guest.name, 'watch');
    await host.daemon.virsh('destroy', guest.name);
    const run = await running.ended;
    expect(readDocument(run).guests).toMatchObject([{ outcome: 'rolled-back', error: { code: 'did-not-come-up' } }]);
    expect(readDocument(run).guests[0]?.error?.message).toContain('shut off again (destroyed)');
    expect(run.status).toBe(1);
    await expectAsBefore(guest);
  });
});
