import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { virtioizeJson } from '../program.ts';
import { bootAll, createDaemonHost, type DaemonHost } from './daemon-guest.ts';
import { expectAsBefore } from './expect-as-before.ts';

let host: DaemonHost;

beforeAll(async () => {
  host = await createDaemonHost();
});

afterAll(async () => host.dispose());

describe('convert --restart graceful, with a libvirt daemon', () => {
  it('a guest with driver and agent comes up on virtio, and one without the driver as it was', async () => {
    const able = await host.guest('able', await host.image('able', {}));
    const lacking = await host.guest(
      'lacking',
      await host.image('lacking', { virtioBlk: false, kernelArgs: 'rootdelay=120 loglevel=6' }),
    );
    await bootAll([able, lacking]);

    const restart = ['convert', '--restart', 'graceful'];
    const converted = await virtioizeJson([...restart, 'able'], host.program);
    expect(converted.document.guests).toMatchObject([{ outcome: 'converted', restart: 'verified' }]);
    expect(converted.status).toBe(0);
    expect(await able.booted()).toBe('vda');
    expect(await able.disks()).toEqual({ defined: ['vda virtio'], live: ['vda virtio'] });

    const vouched = ['--assume-driver', '--reason', 'to see it fail', '--boot-timeout', '75s'];
    const failed = await virtioizeJson([...restart, 'lacking', ...vouched], host.program);
    expect(failed.document.guests).toMatchObject([{ outcome: 'rolled-back', error: { code: 'did-not-come-up' } }]);
    expect(failed.status).toBe(1);
    await expectAsBefore(lacking);
    const [guest] = failed.document.guests as unknown as { capture: { screenshot: string; console: string } }[];
    expect((await readFile(guest?.capture.screenshot ?? '')).toString('latin1', 1, 4)).toBe('PNG');
    expect(await readFile(guest?.capture.console ?? '', 'utf8')).toContain('Linux version');
  });
});
