import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../repository.ts';
import type { FleetRun, PrivateFleet } from './private-fleet.ts';

/** The sources of the Ansible collection. */
export const COLLECTION = join(repository, 'deploy/ansible');

/** What keeps Ansible's programs to one folder: nothing is read from, or left in, the home of who runs the tests. */
export function ansibleEnvironment(folder: string): Record<string, string> {
  return {
    HOME: join(folder, 'home'),
    LC_ALL: 'C.UTF-8',
    ANSIBLE_COLLECTIONS_PATH: join(folder, 'collections'),
    ANSIBLE_LOCAL_TEMP: join(folder, 'temporary'),
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_PIPELINING: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/** Have Ansible find the collection's sources below `folder/collections`, where `ansibleEnvironment` has it look. */
export async function linkCollection(folder: string): Promise<void> {
  const namespace = join(folder, 'collections/ansible_collections/virtioize');
  await mkdir(namespace, { recursive: true });
  await symlink(COLLECTION, join(namespace, 'libvirt'));
}

/** Ansible on a fleet's control node, with the collection as an admin installs it. */
export interface ControlNode {
  installCollection(): Promise<void>;
  /** Run a playbook. */
  play(playbook: string, variables: object, ...words: string[]): Promise<Play>;
  /** Run one module on one host: what it returned. */
  task(host: string, module: string, options: object, ...words: string[]): Promise<TaskResult>;
}

export interface Play extends FleetRun {
  /** For each host that was begun, how many tasks ended in which way. */
  readonly recap: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

interface TaskResult {
  /** Ansible's word: `CHANGED`, `SUCCESS`, `FAILED!`. */
  readonly state: string;
  readonly msg?: string;
  readonly changed?: boolean;
}

export function createControl({ folder, run }: PrivateFleet): ControlNode {
  const ansible = async (...words: string[]): Promise<FleetRun> =>
    run(['env', `--chdir=${folder}`, ...words], {
      ...ansibleEnvironment(folder),
      ANSIBLE_INVENTORY: join(folder, 'hosts'),
      ANSIBLE_SSH_CONTROL_PATH_DIR: join(folder, 'ssh'),
    });
  return {
    async installCollection() {
      await ansible('ansible-galaxy', 'collection', 'build', COLLECTION, '--output-path', folder);
      const archive = (await readdir(folder)).find((name) => name.endsWith('.tar.gz')) ?? '';
      const { status, output } = await ansible('ansible-galaxy', 'collection', 'install', '-p', 'collections', archive);
      if (status !== 0) throw new Error(output);
    },
    async play(playbook, variables, ...words) {
      const done = await ansible('ansible-playbook', playbook, '--extra-vars', JSON.stringify(variables), ...words);
      return { ...done, recap: readRecap(done.output) };
    },
    async task(host, module, options, ...words) {
      // Ansible takes no empty object for options.
      const args = Object.keys(options).length === 0 ? [] : ['--args', JSON.stringify(options)];
      const said = ['--module-name', `virtioize.libvirt.${module}`, ...args];
      const { output } = await ansible('ansible', host, '--one-line', ...said, ...words);
      const [, state = '', json = '{}'] = /^\w+ \| (\w+!?)\s*=> (\{.*\})$/m.exec(output) ?? [];
      if (state === '') throw new Error(output);
      return { state, ...JSON.parse(json) };
    },
  };
}

function readRecap(output: string): Play['recap'] {
  const lines = output.split('PLAY RECAP')[1]?.matchAll(/^(\w+)\s+: (.*)$/gm) ?? [];
  const counts = (text: string): Record<string, number> =>
    Object.fromEntries([...text.matchAll(/(\w+)=(\d+)/g)].map(([, word, count]) => [word, Number(count)]));
  return Object.fromEntries([...lines].map(([, host, text]) => [host, counts(text ?? '')]));
}
