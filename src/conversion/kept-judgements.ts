import { createHash } from 'node:crypto';
import * as z from 'zod';
import { isVirtioizeError } from '../error.ts';
import type { Judgement } from '../preflight/judgement.ts';
import type { KeptInspections } from '../preflight/offline/offline-evidence.ts';
import { type KeptOf, readJudgement, storeJudgement } from '../store/judgement.ts';
import { evidenceSchema } from '../store/record.ts';
import type { HostContext } from './run-context.ts';

const finding = z.object({ code: z.string(), message: z.string(), disk: z.string().optional() });
const refusal = finding.extend({ hint: z.string() });
const judgementSchema = z.object({
  ...evidenceSchema.pick({ verdict: true, summary: true, facts: true }).shape,
  lack: refusal.optional(),
  refusals: z.array(refusal),
  warnings: z.array(finding),
  stale: z.string().optional(),
  isFinal: z.boolean().optional(),
});

export type KeptJudgements = KeptInspections;

/** What decides beside the disks: whose they are, the parts of the definition that count, and whether it may be written. */
export interface KeptFor extends KeptOf {
  readonly parts: () => string;
  readonly writes: boolean;
}

/** Whether there is a judgement at all, whatever the disks are by now. */
export async function isKept({ places }: Pick<HostContext, 'places'>, of: KeptOf): Promise<boolean> {
  return (await readJudgement(places.evidence, of)) !== undefined;
}

/**
 * What a guest's disks said, kept in the state directory for as long as they, and what else decides, are what they were.
 * Whoever may not write there, or is to write nothing, does without.
 */
export function keptJudgements({ places, version }: HostContext, { parts, writes, ...of }: KeptFor): KeptJudgements {
  const keyOf = (identity: string): string =>
    createHash('sha256').update([version, parts(), identity].join('\0')).digest('hex');
  return {
    async read(identity) {
      const stored = await readJudgement(places.evidence, of);
      const judgement = stored?.key === keyOf(identity) ? judgementSchema.safeParse(stored.judgement) : undefined;
      return judgement?.success === true ? (judgement.data as Judgement) : undefined;
    },
    async keep(identity, judgement) {
      if (!writes) return;
      try {
        await storeJudgement(places.evidence, of, { key: keyOf(identity), judgement });
      } catch (error) {
        if (!isVirtioizeError(error, 'state-unwritable')) throw error;
      }
    },
  };
}
