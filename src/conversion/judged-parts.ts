import { canonicalForm } from '../domain/canonical.ts';
import { readDefinition, selectElements, selectText } from '../domain/xml.ts';

/** What of a definition decides whether its guest can boot, for comparison with another one. */
export function judgedParts(definition: string): string {
  const document = readDefinition(definition);
  const elements = selectElements(
    document,
    '/domain/name | /domain/os | /domain/pm | /domain/devices/disk | /domain/devices/controller',
  );
  return [selectText(document, '/domain/@type') ?? '', ...elements.map(canonicalForm)].join('\n');
}
