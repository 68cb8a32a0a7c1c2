import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { repository } from '../repository.ts';
import { ansibleEnvironment, linkCollection } from '../testbed/ansible-control.ts';
import { createPrivateDaemon, type PrivateDaemon } from '../testbed/private-daemon.ts';
import { createPrivateSystemd, type PrivateSystemd } from '../testbed/private-systemd.ts';
import { until } from '../until.ts';

const METRICS = '/var/lib/collector/virtioize.prom';
const TIMERS = ['virtioize-check.timer', 'virtioize-convert.timer'];

let daemon: PrivateDaemon;
let systemd: PrivateSystemd;

beforeAll(async () => {
  daemon = await createPrivateDaemon();
  systemd = await createPrivateSystemd(daemon, join(repository, 'deploy/systemd'));
  // It knows the units of one folder alone: let that be the admin's, which usually is another one than a package's.
  await systemd.run('mount', '--bind', systemd.units, '/etc/systemd/system');
  await linkCollection(join(systemd.root, 'tmp'));
  const roles = [{ role: 'virtioize.libvirt.virtioize' }];
  const playbook = [{ hosts: 'localhost', connection: 'local', gather_facts: false, roles }];
  await writeFile(join(systemd.root, 'tmp/role.yml'), JSON.stringify(playbook));
});

afterAll(async () => {
  await systemd?.dispose();
  await daemon?.dispose();
});

/** Run the role where systemd runs; what Ansible wrote. */
async function role(variables: object): Promise<string> {
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', ...ansibleEnvironment('/tmp') };
  const said = JSON.stringify({ ansible_python_interpreter: '/usr/bin/python3', ...variables });
  const words = ['ansible-playbook', '/tmp/role.yml', '--extra-vars', said];
  return (await systemd.run('env', ...Object.entries(env).map((pair) => pair.join('=')), ...words)).stdout;
}

async function activeTimers(): Promise<string[]> {
  return (await systemd.run('systemctl', 'is-active', ...TIMERS)).stdout.split('\n');
}

describe("Ansible's role, on a host with a systemd", () => {
  it('enables the timer that is wanted, lets it write the metrics, has it checked now; and undoes that', async () => {
    const wanted = { virtioize_check_timer: true, virtioize_metrics_file: METRICS };
    expect(await role(wanted)).toMatch(/changed=[1-9]\d*\s.* failed=0/);
    expect(await activeTimers()).toEqual(['active', 'inactive']);
    expect(await systemd.show('virtioize-check.service', 'ReadWritePaths')).toEqual({
      ReadWritePaths: expect.stringMatching(/ \/var\/lib\/collector$/),
    });
    const end = 'ExecMainExitTimestampMonotonic';
    const isOver = async (): Promise<boolean> => (await systemd.show('virtioize-check.service', end))[end] !== '0';
    await until('the end of the check that the role began', isOver);
    const said = (await systemd.journal('virtioize-check.service')).map(({ text }) => text);
    expect(await readFile(join(systemd.root, METRICS), 'utf8').catch(() => said)).toContain('virtioize_guests');

    expect(await role(wanted)).toMatch(/changed=0 .* failed=0/);

    expect(await role({})).toMatch(/changed=1 .* failed=0/);
    expect(await activeTimers()).toEqual(['inactive', 'inactive']);
  });
});
