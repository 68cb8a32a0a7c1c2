import type { KernelFacts } from './linux-facts.ts';

/** Red Hat's 3.10 has virtio 1.0 since RHEL 7.2 (libosinfo's database: rhel-7.2 is the first with 1af4:1042). */
const RHEL_7_2 = 327;

/** Whether a kernel drives virtio disks of virtio 1.0: Linux since 4.0, and Red Hat's 3.10. */
function knowsModernVirtio(version: string): boolean {
  const build = /^3\.10\.0-(\d+)/.exec(version)?.[1];
  if (build !== undefined) return Number(build) >= RHEL_7_2;
  return Number(/^(\d+)\./.exec(version)?.[1] ?? 0) >= 4;
}

/** The same kernel on a machine whose virtio disks are of virtio 1.0 alone. */
export function onModernMachine(kernel: KernelFacts): KernelFacts {
  if (knowsModernVirtio(kernel.version)) return kernel;
  return { ...kernel, modules: new Map([...kernel.modules, ['virtio_pci', 'too old']]) };
}
