import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { ansibleEnvironment, COLLECTION, linkCollection } from '../testbed/ansible-control.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-collection-'));
  await linkCollection(folder);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Run a program on the collection's sources: how it ended, and what it wrote to both streams. */
async function run(file: string, ...words: string[]): Promise<{ status: number | undefined; output: string }> {
  const env = { PATH: '/usr/bin:/bin', ...ansibleEnvironment(folder) };
  const options = { cwd: COLLECTION, env, extendEnv: false, all: true, reject: false, stdin: 'ignore' } as const;
  const { exitCode, all } = await execa(file, words, options);
  return { status: exitCode, output: all };
}

describe('the Ansible collection', () => {
  it('is as ansible-lint wants it for production, and yamllint', async () => {
    expect(await run('ansible-lint', '--offline', '--strict', '--nocolor')).toMatchObject({
      status: 0,
      output: expect.stringContaining('Passed with production profile: 0 failure(s), 0 warning(s)'),
    });
    expect(await run('yamllint', '--strict', '.')).toEqual({ status: 0, output: '' });
  });

  it('ansible-doc shows both modules: options, examples and what they return', async () => {
    const modules = ['virtioize.libvirt.convert', 'virtioize.libvirt.check'];
    const { output } = await run('ansible-doc', '--json', ...modules);
    const documented = JSON.parse(output);
    for (const name of modules) {
      const { doc, examples, return: returned } = documented[name];
      expect(Object.keys(doc.options)).toEqual(expect.arrayContaining(['guests', 'exclude', 'connect', 'executable']));
      expect(examples).toContain(`${name}:`);
      expect(Object.keys(returned)).toEqual(expect.arrayContaining(['guests', 'summary', 'error', 'exit_status']));
    }
    expect((await run('ansible-doc', ...modules)).output.split('RETURN VALUES:')).toHaveLength(3);
  });

  it.each(['convert', 'check'])(
    'each option that %s takes is documented, and with the same default',
    async (module) => {
      const { output } = await run('ansible-doc', '--json', `virtioize.libvirt.${module}`);
      const { options } = JSON.parse(output)[`virtioize.libvirt.${module}`].doc;
      const script = [
        'import importlib, json, sys',
        `spec = importlib.import_module('ansible_collections.virtioize.libvirt.plugins.modules.${module}').argument_spec()`,
        'print(json.dumps(spec))',
      ].join('\n');
      const spec = await run('env', `PYTHONPATH=${join(folder, 'collections')}`, 'python3', '-B', '-c', script);
      const picked = (one: object): object =>
        Object.fromEntries(
          Object.entries(one).map(([name, { type, choices, elements, default: value }]) => [
            name,
            { type, choices, elements, value: value ?? undefined },
          ]),
        );
      expect(picked(options)).toEqual(picked(JSON.parse(spec.output)));
    },
  );

  it('ansible-doc shows the role', async () => {
    const { output } = await run('ansible-doc', '--type', 'role', 'virtioize.libvirt.virtioize');
    expect(output).toMatch(/virtioize_config\n[\s\S]*virtioize_package\n/);
  });

  it("its Python is that of the oldest hosts that Ansible manages, as far as Python's own parser tells", async () => {
    const script = 'import ast, sys; [ast.parse(open(f).read(), f, feature_version=(3, 5)) for f in sys.argv[1:]]';
    const plugins = await readdir(join(COLLECTION, 'plugins'), { recursive: true });
    const files = plugins.filter((file) => file.endsWith('.py')).map((file) => join('plugins', file));
    expect(files.length).toBeGreaterThan(4);
    expect(await run('python3', '-c', script, ...files)).toEqual({ status: 0, output: '' });
  });
});
