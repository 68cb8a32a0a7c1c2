/** In a line, as package lists show it. */
export const SUMMARY = 'move the disks of KVM guests to virtio, proven beforehand';

/** The rest, in lines that fit a terminal. */
export const DESCRIPTION = `virtioize moves the disks of libvirt's guests from emulated IDE, SATA and
SCSI to virtio, for one guest or many. It proves beforehand that a guest can
boot from virtio, backs up, rewrites the definition and verifies it. On
request it restarts the guest, watches it come up, and puts everything back
where it does not. What it can't prove it refuses, with the reason and the
next step.

Services and timers for systemd are included, and are not enabled: a daily
check, and a nightly conversion.

The program is one file that holds its own Node.js.`;

/** Who made a package: the builder's own word, as Debian's tools take it. */
export function maintainer(env: NodeJS.ProcessEnv = process.env): string {
  return `${env.DEBFULLNAME ?? 'virtioize'} <${env.DEBEMAIL ?? 'packages@virtioize.invalid'}>`;
}
