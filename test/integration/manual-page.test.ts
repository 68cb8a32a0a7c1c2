import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { readDeclarations } from '../../deploy/packages/declarations.ts';
import { renderManualPage } from '../../deploy/packages/manual-page.ts';
import { repository } from '../repository.ts';

async function help(...command: string[]): Promise<string> {
  const words = [join(repository, 'bin/virtioize.js'), ...command, '--help'];
  return (await execa(process.execPath, words, { stdin: 'ignore', timeout: 300_000 })).stdout;
}

const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"' };

describe('the manual page', () => {
  let folder: string;
  let page: string;
  let text: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'virtioize-manual-page-'));
    page = join(folder, 'virtioize.1');
    await writeFile(page, renderManualPage(readDeclarations(), { date: new Date('2020-02-29T12:00:00Z') }));
    const rendered = await execa('mandoc', ['-T', 'html', '-O', 'fragment', page]);
    text = oneLine(rendered.stdout.replace(/<[^>]*>/g, '')).replace(
      /&(?:lt|gt|amp|quot);/g,
      (name) => ENTITIES[name] ?? name,
    );
  });

  afterAll(async () => rm(folder, { recursive: true }));

  it('is well formed, to mandoc and to groff', async () => {
    const linted = await execa('mandoc', ['-T', 'lint', page], { reject: false });
    const found = `${linted.stdout}\n${linted.stderr}`.split('\n').filter((line) => !/^$|mandoc\.db/.test(line));
    expect(found).toEqual([]);
    const { stderr } = await execa('man', ['--warnings', '-E', 'UTF-8', '-l', page], { env: { MANWIDTH: '80' } });
    expect(stderr).toBe('');
  });

  it.each([
    [''],
    ['status'],
    ['check'],
    ['preflight'],
    ['history'],
    ['rehearse'],
    ['prime'],
    ['convert'],
    ['rollback'],
    ['recover'],
    ['config validate'],
  ])('tells what the help tells: %s', async (command) => {
    const stdout = await help(...command.split(' ').filter(Boolean));
    const told = stdout.replace(/\s*\[(?:string|boolean|array)\]/g, '').replaceAll('"', '');
    const options = [
      ...told.matchAll(/^ {2,}(?:-(?<letter>\w), )?--(?<name>[\w-]+) +(?<about>\S(?:.*(?:\n {20,}(?! *\[).*)*))/gm),
    ];
    expect(options.length).toBeGreaterThan(9);
    for (const { groups: { name = '', about = '' } = {} } of options) {
      expect(text).toContain(`--${name}`);
      const description = oneLine(about).replace(/ \[.*$/s, '');
      if (!['help', 'version'].includes(name)) expect(text).toContain(description);
    }
    for (const [, standard = ''] of oneLine(told).matchAll(/\[default: ([^\]]+)\]/g))
      if (!['true', 'false', '['].includes(standard)) expect(text).toContain(`[default: ${standard}]`);
  });

  it('tells every exit status', async () => {
    const stdout = await help();
    const told = oneLine(stdout.slice(stdout.indexOf('Exit status:')));
    for (const [, status = ''] of told.matchAll(/(?<=\s)(\d+)(?=,? )/g))
      expect(text).toMatch(new RegExp(`\\b${status}\\b`));
  });
});

function oneLine(words: string): string {
  return words.replace(/\s+/g, ' ').trim();
}
