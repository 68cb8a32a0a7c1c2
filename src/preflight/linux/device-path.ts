/** Names of disks that the kernel or udev makes from the emulated controller, its address, or the order of disks. */
const CHANGING = [
  /^\/dev\/(?:sd|hd)[a-z]+\d*$/,
  // a further virtio disk may come before those that are there
  /^\/dev\/vd[a-z]+\d*$/,
  /^\/dev\/disk\/by-path\/(?!virtio-)\S*-(?:ata|ide|scsi|sas|usb)-/,
  /^\/dev\/disk\/by-id\/(?:ata|scsi|wwn|usb)-/,
  // multipath names disks by their SCSI identity
  /^\/dev\/disk\/by-id\/dm-(?:uuid-(?:part\d+-)?mpath-|name-mpath)/,
  /^\/dev\/mapper\/(?:mpath[a-z]+|[123][0-9a-f]{16,32})(?:-?p(?:art)?\d+|\d+)?$/,
  /^\/dev\/block\/\d+:\d+$/,
  // FreeBSD and NetBSD
  /^\/dev\/(?:ada|da|ad|wd)\d+(?:[sp]\d+)?[a-p]?$/,
];

/**
 * Whether a name by which a system looks for a disk may be gone, or another disk's, once a disk is moved to virtio. Names
 * by UUID, label or partition UUID, LVM, md and mapper names stay.
 */
export function changesOnVirtio(device: string): boolean {
  return CHANGING.some((pattern) => pattern.test(unquote(device)));
}

/** Whether a name is given to disks in the order that they are found in, so that it may be another's next time. */
export function isKernelName(device: string): boolean {
  return /^\/dev\/[shv]d[a-z]/.test(device);
}

/** A name without the quotes around it, if any. */
export function unquote(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2');
}
