import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeReports } from '../../../src/cli/write-reports.ts';
import type { Policy } from '../../../src/policy/policy.ts';
import { checkedGuest, checkReport, EMULATED } from './checked-guest.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-reports-'));
});

afterEach(async () => rm(folder, { recursive: true }));

const report = checkReport([checkedGuest('web1', EMULATED)]);

function write(reports: Policy['reports']) {
  return writeReports(report, reports, { version: '1.2.3' });
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

describe('the reports of a host', () => {
  it('are none where the policy names none', async () => {
    expect(await write({})).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
  });

  it('are written whole, each with the rights of those who read it, and nothing is left beside them', async () => {
    const [json, prometheus] = [join(folder, 'check.json'), join(folder, 'virtioize.prom')];
    const html = join(folder, 'check.html');
    await writeFile(prometheus, 'the last one', { mode: 0o600 });
    expect(await write({ json, prometheus, html })).toBeUndefined();
    expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({ command: 'check', guests: [{ name: 'web1' }] });
    expect(await readFile(prometheus, 'utf8')).toContain('virtioize_guests{compliance="noncompliant"} 1\n');
    expect(await readFile(html, 'utf8')).toContain('<code>virtioize convert web1</code>');
    expect([await modeOf(json), await modeOf(prometheus), await modeOf(html)]).toEqual(['600', '644', '644']);
    expect((await readdir(folder)).sort()).toEqual(['check.html', 'check.json', 'virtioize.prom']);
  });

  it('that can not be written are named with the reason, and the others are written all the same', async () => {
    const [missing, prometheus] = [join(folder, 'none', 'check.json'), join(folder, 'virtioize.prom')];
    expect(await write({ json: missing, prometheus })).toMatchObject({
      code: 'report-unwritable',
      message: `Could not write the report ${missing} (ENOENT).`,
    });
    expect(await readdir(folder)).toEqual(['virtioize.prom']);
  });

  it('leave nothing behind where a folder is in their place', async () => {
    const prometheus = join(folder, 'virtioize.prom');
    await mkdir(prometheus);
    expect(await write({ prometheus })).toMatchObject({ code: 'report-unwritable' });
    expect(await readdir(folder)).toEqual(['virtioize.prom']);
  });
});
