import { createTwoFilesPatch } from 'diff';
import { parseDefinition, selectElements, serializeDefinition } from './xml.ts';

/**
 * A unified diff of two definitions, for people: passwords and cookies are hidden, and both sides are written alike (single quotes,
 * as libvirt prints), so that only real changes show. Empty where nothing differs.
 */
export function showDiff(before: string, after: string): string {
  const [from, to] = [forPeople(before), forPeople(after)];
  if (from === to) return '';
  return createTwoFilesPatch('before.xml', 'after.xml', from, to, undefined, undefined, { context: 3 }).replace(
    /^=+\n/,
    '',
  );
}

function forPeople(definition: string): string {
  const document = parseDefinition(definition);
  for (const element of selectElements(document, '//*[@passwd]')) element.setAttribute('passwd', '***');
  for (const element of selectElements(document, '//cookie')) element.textContent = '***';
  return serializeDefinition(document)
    .replace(/="([^"<]*)"/g, (_, value: string) => `='${value.replaceAll("'", '&apos;').replaceAll('&quot;', '"')}'`)
    .concat('\n');
}
