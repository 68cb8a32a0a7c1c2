import type { Session } from './session.ts';

/**
 * Let libvirt work out how it would start QEMU with a definition that is not defined; nothing is started.
 * @param file a file that holds it.
 * @returns libvirt's errors, none where it can. Not every one speaks against a start: some devices are only prepared by
 * a real one, and some drivers and connections don't answer this at all.
 */
export async function tryCommandLine(session: Session, file: string): Promise<readonly string[]> {
  const { stdout, errors } = await session.run(['domxml-to-native', 'qemu-argv', '--xml', file]);
  return stdout.trim() === '' ? errors : [];
}
