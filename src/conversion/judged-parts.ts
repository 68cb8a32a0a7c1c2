import { canonicalForms } from '../domain/canonical.ts';
import { readDefinition, selectText } from '../domain/xml.ts';

/** What of a definition decides whether its guest can boot, for comparison with another one. */
export function judgedParts(definition: string): string {
  const document = readDefinition(definition);
  const type = selectText(document, '/domain/@type') ?? '';
  return `${type}\n${canonicalForms(document, JUDGED)}`;
}

const JUDGED = '/domain/name | /domain/os | /domain/pm | /domain/devices/disk | /domain/devices/controller';
