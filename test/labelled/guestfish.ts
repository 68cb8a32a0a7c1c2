import { execa } from 'execa';
import { applianceEnvironment } from '../testbed/guest-kernel.ts';

const TIMEOUT_MS = 300_000;

/** How libguestfs is run here: without libvirt, and without hardware that may be announced and not work. */
export const guestfishEnvironment = { LIBGUESTFS_BACKEND: 'direct', LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' };

/** Work on raw images of ours inside libguestfs's appliance: `/dev/sda` is the first. One start takes 10 to 20 s. */
export async function runGuestfish(images: readonly string[], commands: readonly string[]): Promise<void> {
  const drives = images.flatMap((image) => ['--format=raw', '-a', image]);
  const input = ['run', ...commands, ''].join('\n');
  await execa('guestfish', drives, {
    input,
    env: { ...applianceEnvironment(), ...guestfishEnvironment },
    timeout: TIMEOUT_MS,
  });
}
