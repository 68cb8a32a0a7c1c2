import { readDefinition, selectText } from '../../domain/xml.ts';

/** libvirt's number of a running instance: another start has another one, as long as libvirt's daemon knows the guest. */
export function readInstance(live: string): string {
  return selectText(readDefinition(live), '/domain/@id') ?? '';
}
