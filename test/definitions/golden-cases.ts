import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmulatedBus } from '../../src/domain/emulated-bus.ts';
import { repository } from '../repository.ts';

const FOLDER = join(repository, 'test/fixtures/rewrite');

/** One golden definition: as it is, and as it has to be once it is rewritten. */
export interface GoldenCase {
  readonly name: string;
  readonly title: string;
  /** Whether this machine's libvirt can be asked to define it. */
  readonly define: boolean;
  readonly options: {
    readonly from: readonly EmulatedBus[];
    readonly naming: 'free' | 'keep' | 'rename';
    readonly ours: readonly string[];
  };
  readonly refusals: readonly GoldenFinding[];
  readonly warnings: readonly GoldenFinding[];
  readonly disks: readonly { readonly from: object; readonly to: object; readonly dropped: readonly string[] }[];
}

export interface GoldenFinding {
  readonly code: string;
  readonly disk?: string;
}

/** All golden cases, in the order of their names. */
export function readGoldenCases(): GoldenCase[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const name = file.slice(0, -'.json'.length);
      return { name, ...(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Omit<GoldenCase, 'name'>) };
    });
}

/** @throws where a refused definition has no `out`. */
export function readGoldenDefinition({ name }: Pick<GoldenCase, 'name'>, side: 'in' | 'out'): string {
  return readFileSync(join(FOLDER, `${name}-${side}.xml`), 'utf8');
}

/** Whether there is something that the definition becomes. */
export function isRewritten({ name }: Pick<GoldenCase, 'name'>): boolean {
  return existsSync(join(FOLDER, `${name}-out.xml`));
}
