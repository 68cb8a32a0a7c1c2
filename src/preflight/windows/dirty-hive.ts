/**
 * Whether a hive was not written to its end (or its log not taken over): its two sequence numbers differ. hivex reads
 * it without a word; what it says may be older than what Windows will see.
 * @param head the first 12 bytes: `regf`, then the numbers.
 */
export function isDirtyHive(head: Buffer): boolean {
  if (head.length < 12 || head.toString('latin1', 0, 4) !== 'regf') return true;
  return head.readUInt32LE(4) !== head.readUInt32LE(8);
}
