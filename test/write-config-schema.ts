// `npm run schema`: writes docs/config.schema.json anew, once src/policy/config-schema.ts has changed.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publishedSchema } from '../src/policy/config-schema.ts';
import { repository } from './repository.ts';

await writeFile(join(repository, 'docs/config.schema.json'), `${JSON.stringify(publishedSchema(), null, 2)}\n`);
