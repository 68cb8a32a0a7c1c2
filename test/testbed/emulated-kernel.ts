/**
 * Arguments for a kernel that is emulated on a busy host. Without the first, one that gets no timer interrupt in time takes
 * its machine for broken and stops ("IO-APIC + timer doesn't work"); the others save a tenth of its boot.
 */
export const EMULATED_KERNEL_ARGS = 'no_timer_check mitigations=off nokaslr';
