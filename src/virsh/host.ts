import { ask } from './ask.ts';
import type { Session } from './session.ts';

/** The host's UUID as libvirt reports it; undefined where it has none to tell (the test driver). */
export async function readHostUuid(session: Session): Promise<string | undefined> {
  const text = await ask(session, ['capabilities'], {
    action: "read the host's capabilities",
    success: /<capabilities>/,
  });
  const { readXml, selectText } = await import('../domain/xml.ts'); // while virsh answers
  return selectText(readXml(text), '/capabilities/host/uuid');
}

/** One line such as "libvirt 9.0.0, QEMU 7.2.22", for the record of a conversion. */
export async function readVersions(session: Session): Promise<string> {
  const { stdout } = await session.run(['version']);
  const library = /^Using library: (.+)$/m.exec(stdout)?.[1];
  const hypervisor = /^Running hypervisor: (.+)$/m.exec(stdout)?.[1];
  return [library, hypervisor].filter((version) => version !== undefined).join(', ');
}
