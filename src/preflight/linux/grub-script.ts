import { UnreadableError } from '../guest-files.ts';
import { type BootEntry, withoutDrive } from './boot-entries.ts';
import { and, conditionHolds, not, or, type Truth } from './grub-condition.ts';
import { expandWord, expandWords, type GrubCommand, type GrubVariables, readCommands } from './grub-words.ts';

/** An entry or a submenu of GRUB's menu. */
export interface MenuItem {
  readonly id: string;
  readonly title: string;
  /** Whether it is there for sure, and not under a condition that can't be told. */
  readonly isSure: boolean;
  /** What it starts: several where a condition inside decides, none for a submenu. */
  readonly entries: readonly BootEntry[];
  /** Of a submenu. */
  readonly items: readonly MenuItem[] | undefined;
}

/** What running a grub.cfg comes to, as far as that can be told. */
export interface GrubRun {
  readonly items: readonly MenuItem[];
  readonly variables: GrubVariables;
  /** Whether it adds the Boot Loader Specification's entries. */
  readonly usesLoaderEntries: boolean;
  /** Files that it would read in turn, with GRUB's variables in their paths. */
  readonly sources: readonly string[];
}

/** A `{ ... }`: a menu, an entry of one, or what is passed over. */
interface Block {
  readonly kind: 'menu' | 'entry' | 'skipped';
  /** The id and title, for an entry and a submenu. */
  readonly names: { readonly id: string; readonly title: string; readonly isSure: boolean };
  readonly items: MenuItem[];
  readonly starts: { kernel: string; args: string; initramfs: string[] }[];
  /** How many `if`s stood open around it. */
  readonly depth: number;
}

interface State {
  readonly variables: Map<string, string | undefined>;
  readonly blocks: [Block, ...Block[]];
  readonly branches: { readonly holds: Truth; readonly isDone: Truth }[];
  readonly sources: string[];
  /** The command before a `{`. */
  opening: GrubCommand;
  entryCount: number;
  usesLoaderEntries: boolean;
}

/**
 * Run a grub.cfg in the head. What GRUB's tools write is understood; conditions on files and firmware are not, and what
 * depends on them is said to be unsure.
 * @param environment the variables of grubenv.
 * @param included texts of the files that it reads in turn, by the paths in `sources`.
 */
export function runGrubScript(
  text: string,
  environment: GrubVariables,
  included: ReadonlyMap<string, string> = new Map(),
): GrubRun {
  const state: State = {
    variables: new Map(environment),
    blocks: [createBlock('menu', [], 0)],
    branches: [],
    sources: [],
    opening: [],
    entryCount: 0,
    usesLoaderEntries: false,
  };
  for (const command of readCommands(text)) runCommand(state, command, included);
  const { blocks, variables, usesLoaderEntries, sources } = state;
  return { items: blocks[0].items, variables, usesLoaderEntries, sources };
}

const MAX_DEPTH = 50;
const MAX_ENTRIES = 1000;
const MAX_SOURCES = 10;

function runCommand(state: State, command: GrubCommand, included: ReadonlyMap<string, string>): void {
  const [name = '', ...words] = command;
  const block = state.blocks.at(-1) ?? state.blocks[0];
  const { opening } = state;
  state.opening = command;
  const { blocks, branches, sources, entryCount } = state;
  if (blocks.length + branches.length > MAX_DEPTH || entryCount > MAX_ENTRIES || sources.length > MAX_SOURCES)
    throw new UnreadableError('it is beyond what a boot loader is given to read');
  if (name === '{') openBlock(state, opening);
  else if (name === '}') closeBlock(state);
  else if (block.kind === 'skipped') return;
  else if (name === 'else') nextBranch(state, true);
  else if (name === 'if') state.branches.push({ holds: conditionHolds(words, state.variables), isDone: false });
  else if (name === 'elif') nextBranch(state, conditionHolds(words, state.variables));
  else if (/^(?:while|until|for)$/.test(name)) state.branches.push({ holds: undefined, isDone: false });
  else if (name === 'fi' || name === 'done') state.branches.pop();
  else if (reached(state) !== false) runPlainCommand(state, block, command, included);
}

/** Whether the place that has been come to is run at all. */
function reached({ branches }: State): Truth {
  return branches.reduce<Truth>((all, { holds }) => and(all, holds), true);
}

function nextBranch({ branches }: State, condition: Truth): void {
  const last = branches.pop() ?? { holds: undefined, isDone: undefined };
  const isDone = or(last.isDone, last.holds);
  branches.push({ holds: and(condition, not(isDone)), isDone });
}

function runPlainCommand(
  state: State,
  block: Block,
  [name = '', ...words]: GrubCommand,
  included: ReadonlyMap<string, string>,
): void {
  const assignment = /^(\w+)=([\s\S]*)$/.exec(name === 'set' ? (words[0] ?? '') : name);
  if (assignment !== null) assign(state, assignment[1] ?? '', assignment[2] ?? '');
  else if (name === 'unset') assign(state, words[0] ?? '', '');
  else if (name === 'blscfg' || name === 'bls_import') state.usesLoaderEntries = true;
  else if (/^(?:source|configfile|\.)$/.test(name)) {
    const path = expandWord(words[0] ?? '', state.variables).text;
    if (state.sources.includes(path)) return;
    state.sources.push(path);
    for (const command of readCommands(included.get(path) ?? '')) runCommand(state, command, new Map());
  } else if (/^linux(?:16|efi)?$/.test(name)) {
    const [kernel = '', ...args] = expandWords(words, state.variables);
    block.starts.push({ kernel: withoutDrive(kernel), args: args.join(' '), initramfs: [] });
  } else if (/^initrd(?:16|efi)?$/.test(name)) {
    block.starts.at(-1)?.initramfs.push(...expandWords(words, state.variables).map(withoutDrive));
  }
}

function assign(state: State, name: string, value: string): void {
  const { text, isSure } = expandWord(value, state.variables);
  const isCertain = isSure && (reached(state) === true || state.variables.get(name) === text);
  state.variables.set(name, isCertain && text.length <= MAX_VALUE ? text : undefined);
}

/** A kernel command line fits; a text that doubles itself again and again does not. */
const MAX_VALUE = 4096;

const MAX_OPTIONS = 40;

function openBlock(state: State, [command = '', ...names]: GrubCommand): void {
  const parent = state.blocks.at(-1)?.kind;
  const isItem = command === 'menuentry' || command === 'submenu';
  const kind = !isItem || parent !== 'menu' || reached(state) === false ? 'skipped' : 'entry';
  const words = names.slice(0, MAX_OPTIONS).map((word) => expandWord(word, state.variables).text.slice(0, MAX_VALUE));
  const block = createBlock(kind === 'entry' && command === 'submenu' ? 'menu' : kind, words, state.branches.length);
  state.blocks.push({ ...block, names: { ...block.names, isSure: reached(state) === true } });
}

function createBlock(kind: Block['kind'], [title = '', ...options]: readonly string[], depth: number): Block {
  const option = options.findIndex((word) => /^(?:\$menuentry_id_option$|--id(?:=|$))/.test(word));
  const id = options[option]?.startsWith('--id=') ? options[option].slice('--id='.length) : options[option + 1];
  const names = { id: option < 0 ? title : (id ?? title), title, isSure: true };
  return { kind, names, items: [], starts: [], depth };
}

function closeBlock(state: State): void {
  if (state.blocks.length === 1) return;
  const block = state.blocks.pop();
  if (block === undefined) return;
  state.branches.length = Math.min(state.branches.length, block.depth);
  if (block.kind === 'skipped') return;
  state.entryCount++;
  const entries = block.starts.map((start) => ({ id: block.names.id, ...start }));
  const nothing = { id: block.names.id, kernel: '', initramfs: [], args: '' };
  const items = block.kind === 'menu' ? block.items : undefined;
  state.blocks.at(-1)?.items.push({
    ...block.names,
    entries: entries.length > 0 || items !== undefined ? entries : [nothing],
    items,
  });
}
