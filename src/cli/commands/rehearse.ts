import type { SelectionOptions } from '../../conversion/resolve-selection.ts';
import type { CommandContext, CommandReport } from '../command.ts';
import { NOTHING_TAKEN_ON } from '../conversion-options.ts';
import type { ScratchArguments } from '../rehearsal-options.ts';
import { rehearseGuests } from './preflight.ts';

export interface RehearseOptions extends SelectionOptions, ScratchArguments {
  readonly from: string;
  readonly jobs: string;
}

/** Boot a throw-away clone of guests that are off, with their disks on virtio, and see whether it comes up. */
export async function rehearse(context: CommandContext, argv: RehearseOptions): Promise<CommandReport> {
  return rehearseGuests(context, { ...argv, ...NOTHING_TAKEN_ON }, 'always');
}
