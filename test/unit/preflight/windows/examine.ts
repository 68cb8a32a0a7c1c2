import type { VirtioDiskId } from '../../../../src/domain/virtio-id.ts';
import type { Judgement } from '../../../../src/preflight/judgement.ts';
import { examineWindows, type WindowsExamination } from '../../../../src/preflight/windows/examine-windows.ts';
import type { WindowsSystem } from '../../../windows/windows-systems.ts';
import { memoryFiles } from '../memory-files.ts';
import { memoryRegistry } from './memory-registry.ts';

export interface ExamineOptions extends Partial<Omit<WindowsExamination, 'machine' | 'system'>> {
  readonly diskId?: VirtioDiskId | undefined;
  readonly secureBoot?: boolean;
  readonly disks?: number;
  readonly canHibernate?: boolean;
  readonly guest?: string;
}

/** Examine a system of a test, on a machine of type pc unless said otherwise. */
export async function examine({ keys, files }: WindowsSystem, options: ExamineOptions = {}): Promise<Judgement> {
  const { secureBoot = false, disks = 1, canHibernate = true, guest = 'win', ...rest } = options;
  const diskId = 'diskId' in options ? options.diskId : '1001';
  return examineWindows({
    source: 'offline',
    files: memoryFiles(files),
    registry: memoryRegistry(keys),
    machine: { diskId, secureBoot, disks, canHibernate },
    system: { guest, prettyName: 'Windows' },
    ...rest,
  });
}
