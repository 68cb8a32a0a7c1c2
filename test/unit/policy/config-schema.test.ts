import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { publishedSchema } from '../../../src/policy/config-schema.ts';
import { parseConfig } from '../../../src/policy/parse-config.ts';
import { repository } from '../../repository.ts';

const read = (path: string): Promise<string> => readFile(join(repository, path), 'utf8');

describe('the published schema of the configuration', () => {
  it('says what the program takes (npm run schema writes it anew)', async () => {
    expect(JSON.parse(await read('docs/config.schema.json'))).toEqual(publishedSchema());
  });

  it('takes the example with every line in use, and so does the program', async () => {
    const example = (await read('deploy/config.yaml')).replaceAll(/^#(?=\S| {2})/gm, '');
    const { config, expired } = parseConfig(example, 'config.yaml', '2026-01-01');
    expect(Object.keys(config).sort()).toEqual(Object.keys(publishedSchema().properties ?? {}).sort());
    expect(expired).toEqual([]);
    const validate = new Ajv2020({ strict: true, formats: { date: true } }).compile(publishedSchema());
    expect([validate(parse(example)), validate.errors]).toEqual([true, null]);
  });

  it('changes nothing as it is shipped', async () => {
    expect(parseConfig(await read('deploy/config.yaml'), 'config.yaml', '2026-01-01').config).toEqual({});
  });
});
