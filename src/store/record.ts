import * as z from 'zod';

const diskName = z.object({ target: z.string(), bus: z.string() });

export const evidenceSchema = z.object({
  source: z.enum(['agent', 'offline', 'rehearsal', 'attached', 'attested']),
  verdict: z.enum(['proven', 'likely', 'unknown', 'refuted']),
  summary: z.string(),
  facts: z.record(z.string(), z.string()).readonly(),
  stale: z.boolean().optional(),
});

/** One piece of evidence, as it is kept. */
export type EvidenceEntry = Readonly<z.infer<typeof evidenceSchema>>;

const restartSchema = z.object({
  mode: z.enum(['graceful', 'force']),
  shutdownTimeoutMs: z.number(),
  bootTimeoutMs: z.number(),
  waitTcp: z.number().optional(),
  /** Whether a guest that does not come up is put back. */
  rollBack: z.boolean(),
  /** The host's boot in which the guest ran; absent where the host is another machine, whose boot can't be told. */
  bootId: z.string().optional(),
  /** libvirt's number of the running instance that was asked to go off. */
  instance: z.string(),
  /** The disks that move, as they are in the instance before and after, and what the system did with them. */
  disks: z
    .array(z.object({ before: diskName, after: diskName, written: z.boolean(), writesThrough: z.boolean() }))
    .readonly(),
  /** What the agent told: how many of these disks and of others it saw, and what is mounted from them at boot. */
  agent: z
    .object({
      disks: z.number(),
      others: z.record(z.string(), z.number()).readonly(),
      mountPoints: z.array(z.string()).readonly(),
    })
    .optional(),
});

/** How a guest is restarted within a change, and what there is to compare with. */
export type RestartRecord = Readonly<z.infer<typeof restartSchema>>;

export const recordSchema = z.object({
  formatVersion: z.literal(1),
  id: z.string(),
  action: z.enum(['convert', 'rollback', 'adopt-live-source']),
  guest: z.object({ name: z.string(), uuid: z.string() }),
  host: z.string(),
  connection: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().optional(),
  /**
   * `started`: see the journal; `done`: the guest got after.xml; `undone`: it has before.xml; `rolled-back`: it did not
   * come up with after.xml, and has undo.xml, or before.xml where there is none.
   */
  state: z.enum(['started', 'done', 'undone', 'rolled-back']),
  by: z.string(),
  versions: z.object({ virtioize: z.string(), libvirt: z.string() }),
  /** Whether the guest ran, so that the change takes effect at its next full power-off and start. */
  active: z.boolean(),
  changes: z
    .array(
      z.object({
        source: z.string(),
        from: diskName,
        to: diskName,
        dropped: z.array(z.string()).readonly(),
      }),
    )
    .readonly(),
  evidence: z.array(evidenceSchema).readonly(),
  /** The refusals that the admin took on. */
  accepted: z.array(z.string()).readonly(),
  reason: z.string().optional(),
  /** The conversion that this one gives its final names. */
  continues: z.string().optional(),
  /** The conversions that this rollback takes back; of a conversion: those that go with it where it is rolled back. */
  undoes: z.array(z.string()).optional(),
  /** Where the change goes with a restart. */
  restart: restartSchema.optional(),
  /** How the guest was seen to come up with its new definition. */
  cameUp: z.enum(['verified', 'unverified']).optional(),
  /** Where the guest's UEFI variables lay; a copy is in the folder. */
  nvram: z.string().optional(),
  /** The copy of UEFI variables that this rollback puts back, and where to. */
  restoresNvram: z.object({ copy: z.string(), path: z.string() }).optional(),
});

/** On which side a change ended: see the record's `state`. */
export type Side = 'done' | 'undone' | 'rolled-back';

/** What is kept about one change of a guest's definition. `before.xml` and `after.xml` lie beside it. */
export type ChangeRecord = z.infer<typeof recordSchema>;
