import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { renderBashCompletion } from '../../deploy/packages/bash-completion.ts';
import { readDeclarations } from '../../deploy/packages/declarations.ts';
import { renderZshCompletion } from '../../deploy/packages/zsh-completion.ts';
import { domainXml } from '../definitions/domain-xml.ts';
import { createTestHost, type TestHost } from '../test-host.ts';

/** A name that libvirt takes, and that a shell would make something of. */
const HOSTILE = 'evil $(touch pwned)';

let host: TestHost;
let folder: string;
let connection: string;

beforeAll(async () => {
  host = await createTestHost();
  folder = join(host.folder, 'completions');
  connection = `-c ${host.root.uri}`;
  await mkdir(folder);
  for (const [index, name] of ['web1', 'web2', HOSTILE].entries()) {
    const uuid = `6f1ed5c8-3d02-4a6b-8f5c-00000000000${index}`;
    await host.root.define(domainXml({ name, uuid, disks: [] }));
  }
  const declarations = readDeclarations();
  await writeFile(join(folder, 'virtioize'), renderBashCompletion(declarations));
  await writeFile(join(folder, '_virtioize'), renderZshCompletion(declarations));
  await writeFile(join(folder, 'complete.bash'), BASH);
  await writeFile(join(folder, 'complete.zsh'), ZSH);
  await writeFile(join(folder, '.zshrc'), ZSHRC);
});

afterAll(async () => host.dispose());

/** Has bash-completion complete a line as a terminal would, and prints what it offers, a line each. */
const BASH = `
. /usr/share/bash-completion/bash_completion
. ./virtioize
COMP_LINE=$1 COMP_POINT=\${#1}
read -ra COMP_WORDS <<<"\${1//=/ = }"
[[ $1 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_virtioize
printf '%s\\n' "\${COMPREPLY[@]}"
`;

/** A zsh on a terminal of its own, as little as it takes. */
const ZSHRC = `
PS1= LISTMAX=0
fpath=($PWD $fpath)
autoload -U compinit
compinit -u -d $PWD/dump
# What is typed before it reads keys is lost.
zle-line-init() { print READY }
zle -N zle-line-init
`;

/** Types a line and two tabs into it; prints what is seen then. */
const ZSH = `
zmodload zsh/zpty
zpty shell env ZDOTDIR=$PWD TERM=dumb zsh -d -i
zpty -r shell seen '*READY*'
zpty -n -w shell "$1"$'\\t\\t'
zpty -n -w shell $'\\C-uprint DO""NE\\n'
zpty -r shell seen '*DONE*'
print -r -- $seen
zpty -d shell
`;

async function complete(shell: 'bash' | 'zsh', line: string): Promise<string> {
  const words = shell === 'bash' ? ['--norc', 'complete.bash', line] : ['-f', 'complete.zsh', line];
  const env = { ...host.root.env, HOME: folder, LIBVIRT_DEFAULT_URI: '', VIRTIOIZE_CONNECT: '' };
  const { stdout } = await execa(shell, words, { cwd: folder, env, stdin: 'ignore', timeout: 120_000 });
  return stdout.replaceAll('\r', '');
}

describe('bash', () => {
  it.each([
    ['virtioize con', ['convert', 'config']],
    ['virtioize config ', ['validate']],
    ['virtioize -q check --f', ['--format', '--from']],
    ['virtioize status --restart', []],
    ['virtioize convert --restart ', ['never', 'graceful', 'force']],
    ['virtioize convert --restart=g', ['graceful']],
    ['virtioize convert --accept sn', ['snapshots']],
    ['virtioize convert --reason ', []],
    ['virtioize --config ./.zsh', ['./.zshrc']],
    ['virtioize config validate ./.zsh', ['./.zshrc']],
    ['virtioize -c qemu:///nowhere convert ', []],
  ])('completes %j', async (line, expected) => {
    expect((await complete('bash', line)).split('\n').filter(Boolean)).toEqual(expected);
  });

  it.each(['convert', 'rollback --exclude', 'status --'])(
    'completes the guests of the connection: %s',
    async (words) => {
      const offered = await complete('bash', `virtioize ${connection} ${words} we`);
      expect(offered).toBe('web1\nweb2');
    },
  );

  it('quotes a name, and expands nothing of it', async () => {
    expect(await complete('bash', `virtioize convert ${connection} e`)).toBe('evil\\ \\$\\(touch\\ pwned\\)');
    expect(await readdir(folder)).not.toContain('pwned');
  });
});

describe('zsh', () => {
  it.each([
    ['virtioize con', 'convert  -- preflight, back up, rewrite, redefine, verify, restart'],
    ['virtioize convert --restar', '--restart-jobs  -- how many guests are restarted at the same time'],
    ['virtioize convert --restart=gr', '--restart=graceful'],
    ['virtioize convert --restart gr', '--restart graceful'],
    ['virtioize config val', 'config validate'],
    ['virtioize config validate ./.zsh', './.zshrc'],
  ])('completes %j', async (line, expected) => {
    expect(await complete('zsh', line)).toContain(expected);
  });

  it.each(['before', 'behind'])('completes the guests of a connection named %s the command', async (place) => {
    const line = place === 'before' ? `${connection} convert` : `convert ${connection}`;
    expect(await complete('zsh', `virtioize ${line} we`)).toMatch(/^web1 +web2 *$/m);
  });

  it('quotes a name, and expands nothing of it', async () => {
    expect(await complete('zsh', `virtioize convert ${connection} ev`)).toContain('evil\\ \\$\\(touch\\ pwned\\)');
    expect(await readdir(folder)).not.toContain('pwned');
  });
});
