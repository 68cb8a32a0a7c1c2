import type { BootEntry, BootMenu } from './boot-entries.ts';
import { type MenuItem, runGrubScript } from './grub-script.ts';
import type { GrubVariables } from './grub-words.ts';

/** A grub.cfg's menu, with what else GRUB has come to know by then. */
export interface GrubConfig extends BootMenu {
  readonly variables: GrubVariables;
  /** Whether the Boot Loader Specification's entries stand in the menu too. */
  readonly usesLoaderEntries: boolean;
  /** The name or number of the default entry; undefined where that can't be told, or holds for the next boot only. */
  readonly wanted: string | undefined;
  /** Files that it reads in turn. */
  readonly sources: readonly string[];
}

/**
 * GRUB 2's grub.cfg as its tools write it.
 * @param environment the variables of grubenv. @param included texts of the files that it reads in turn.
 */
export function readGrubConfig(
  text: string,
  environment: GrubVariables,
  included?: ReadonlyMap<string, string>,
): GrubConfig {
  const { items, variables, usesLoaderEntries, sources } = runGrubScript(text, environment, included);
  const isForOnce = ['next_entry', 'prev_saved_entry', 'env_block'].some((name) => Boolean(environment.get(name)));
  const wanted = isForOnce ? undefined : variables.has('default') ? variables.get('default') : '';
  const defaults = wanted === undefined ? [] : (pickItem(items, wanted || '0') ?? []);
  return { entries: allEntries(items), defaults, variables, usesLoaderEntries, wanted, sources };
}

function allEntries(items: readonly MenuItem[]): BootEntry[] {
  return items.flatMap(({ entries, items: inner }) => [...entries, ...allEntries(inner ?? [])]);
}

/**
 * What GRUB starts for a default: a number or a name, with `>` between a submenu and what is in it (grub-core/normal/menu.c).
 * It takes the first entry where it finds none; here that is undefined, for a name may be in a file that was not read.
 */
function pickItem(items: readonly MenuItem[], wanted: string): readonly BootEntry[] | undefined {
  const [head = '', ...rest] = wanted.split('>');
  const index = indexOfItem(items, head);
  const item = items[index];
  const before = isNumber(head) ? items.slice(0, index) : [];
  if (item === undefined || ![...before, item].every(({ isSure }) => isSure)) return undefined;
  return item.items === undefined ? item.entries : pickItem(item.items, rest.join('>') || '0');
}

/** Versions of GRUB differ about names that begin with a digit: some take the digits for a number. */
function indexOfItem(items: readonly MenuItem[], wanted: string): number {
  if (isNumber(wanted)) return Number(wanted);
  return /^\d/.test(wanted) ? -1 : items.findIndex(({ id, title }) => id === wanted || title === wanted);
}

function isNumber(text: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(text);
}

const SIGNATURE = '# GRUB Environment Block\n';

/** GRUB's environment block (grubenv): `name=value` lines, padded with `#`. GRUB takes none without its first line. */
export function readGrubEnvironment(text: string): Map<string, string> {
  if (!text.startsWith(SIGNATURE)) return new Map();
  return new Map(
    text
      .split('\n')
      .filter((line) => !line.startsWith('#') && line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
