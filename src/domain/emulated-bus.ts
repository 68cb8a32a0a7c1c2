/** The buses that a guest can be moved away from. */
export const EMULATED_BUSES = ['ide', 'sata', 'scsi', 'usb'] as const;
export type EmulatedBus = (typeof EMULATED_BUSES)[number];
