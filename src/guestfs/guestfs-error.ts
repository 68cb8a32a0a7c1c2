/**
 * Why a guest's disks could not be looked into: `missing` is a program that is not installed, `timeout` that it took too
 * long, `refused` what libguestfs or QEMU's tools said no to, `ended` a libguestfs that died, `interrupted` a run that was
 * asked to stop.
 */
export class GuestfsError extends Error {
  override readonly name = 'GuestfsError';
  readonly kind: 'missing' | 'timeout' | 'refused' | 'ended' | 'interrupted';

  constructor(kind: GuestfsError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}
