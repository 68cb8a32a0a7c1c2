/** Names of disks that the kernel or udev makes from the emulated controller or its address. */
const CHANGING = [
  /^\/dev\/(?:sd|hd)[a-z]+\d*$/,
  /^\/dev\/disk\/by-path\//,
  /^\/dev\/disk\/by-id\/(?:ata|scsi|wwn|usb|nvme)-/,
  /^\/dev\/block\/\d+:\d+$/,
];

/**
 * Whether a name by which a Linux system looks for a disk is gone once the disk is on virtio. Names by UUID, label or
 * partition UUID, LVM, md and mapper names stay.
 */
export function changesOnVirtio(device: string): boolean {
  return CHANGING.some((pattern) => pattern.test(unquote(device)));
}

function unquote(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2');
}
