import { randomBytes } from 'node:crypto';

/** The id of a change, or of anything else that the journal tells of. Sorts by time. */
export function newChangeId(): string {
  const time = new Date()
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.(\d+)Z$/, '$1Z');
  return `${time}-${randomBytes(3).toString('hex')}`;
}
