import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isVirtioizeError } from '../error.ts';
import type { Judgement } from '../preflight/judgement.ts';
import type { KeptInspections } from '../preflight/offline/offline-evidence.ts';
import { readInspection, storeInspection } from '../store/inspection.ts';
import { evidenceSchema } from '../store/record.ts';
import { judgedParts } from './judged-parts.ts';
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

/**
 * What was found on a guest's disks, kept in the state directory for as long as they, and what else decides, are what
 * they were. Whoever may not write there, or is to write nothing, does without.
 */
export function keptInspections(
  { places, version }: HostContext,
  { uuid, definition }: { readonly uuid: string; readonly definition: string },
  { writes }: { readonly writes: boolean },
): KeptInspections {
  const keyOf = (identity: string): string =>
    createHash('sha256')
      .update([version, judgedParts(definition), identity].join('\0'))
      .digest('hex');
  return {
    async read(identity) {
      const stored = judgementSchema.safeParse(await readInspection(places.evidence, uuid, keyOf(identity)));
      return stored.success ? (stored.data as Judgement) : undefined;
    },
    async keep(identity, judgement) {
      if (!writes) return;
      try {
        await storeInspection(places.evidence, uuid, { key: keyOf(identity), judgement });
      } catch (error) {
        if (!isVirtioizeError(error, 'state-unwritable')) throw error;
      }
    },
  };
}
