import * as z from 'zod';
import { RULE_IDS } from '../compliance/rule-result.ts';
import { EMULATED_BUSES } from '../domain/emulated-bus.ts';
import { isAcceptable, REFUSALS, type RefusalCode } from '../domain/finding.ts';
import { isGuestPattern } from './guest-pattern.ts';

const MAX_PATTERN = 256;
const MAX_REASON = 500;
const MAX_PATH = 4096;

const acceptable = (Object.keys(REFUSALS) as RefusalCode[]).filter(isAcceptable);

const pattern = z
  .string()
  .min(1)
  .max(MAX_PATTERN)
  .refine(isGuestPattern, { error: 'is no pattern: a bracket or brace is not closed' });

const exception = z.strictObject({
  guests: z.array(pattern).min(1).describe('Names, UUIDs or patterns such as web-*.'),
  reason: z
    .string()
    .max(MAX_REASON)
    .regex(/\S/, { error: 'must not be empty' })
    .describe('Why; kept with what is done, and shown in reports.'),
  expires: z.iso
    .date({ error: 'is no day such as 2030-12-31' })
    .describe('The last day on which it counts, in UTC. An expired one counts as none.'),
});

const duration = z
  .string()
  .regex(/^\d{1,6}[smh]$/, { error: 'is no duration such as 90s, 5m or 1h' })
  .describe('For example 90s, 5m or 1h.');

const jobs = z.int().min(1).max(64);

const path = z.string().max(MAX_PATH).regex(/^\/./, { error: 'is no absolute path' });

/** The configuration file, before anything is read into it. Its JSON Schema is docs/config.schema.json. */
export const configSchema = z.strictObject({
  connection: z.string().min(1).optional().describe('libvirt connection URI, as --connect.'),
  from: z.array(z.enum(EMULATED_BUSES)).min(1).optional().describe('Which emulated buses to convert, as --from.'),
  jobs: jobs.optional().describe('How many guests are looked into at the same time, as --jobs.'),
  'max-failures': z
    .union([z.int().min(1), z.literal('none')], { error: 'is neither a number from 1 on nor none' })
    .optional()
    .describe('After so many failures no new guest is begun, as --max-failures.'),
  restart: z
    .strictObject({
      mode: z.enum(['never', 'graceful', 'force']).describe('As --restart.'),
      'shutdown-timeout': duration.optional(),
      'boot-timeout': duration.optional(),
      'wait-tcp': z.int().min(1).max(65_535).optional().describe('As --wait-tcp.'),
      jobs: jobs.optional().describe('How many guests are restarted at the same time, as --restart-jobs.'),
      except: z.array(pattern).optional().describe('Guests that are never restarted: they are left pending.'),
    })
    .optional()
    .describe('What to do with running guests.'),
  attest: z
    .array(exception)
    .optional()
    .describe('Guests whose virtio driver the admin vouches for, as --assume-driver does.'),
  'accept-likely': z
    .array(exception)
    .optional()
    .describe('Guests for which likely evidence is enough, as --require-evidence likely.'),
  accept: z
    .array(exception.extend({ codes: z.array(z.enum(acceptable)).min(1).describe('Refusals that are taken on.') }))
    .optional()
    .describe('Refusals that the admin takes on, as --accept does.'),
  waive: z
    .array(
      exception.extend({
        rules: z.array(z.enum(RULE_IDS)).min(1).optional().describe('Rules that are waived; all where none is named.'),
      }),
    )
    .optional()
    .describe('Guests that may break rules of check. They are not converted.'),
  retention: z
    .strictObject({
      days: z.int().min(1).max(36_500).describe('Backups that are not older are kept.'),
      keep: z.int().min(1).max(1000).default(3).describe('So many backups of a guest are kept, however old.'),
    })
    .optional()
    .describe('Which old backups are removed. Never those that an undo or a recovery needs.'),
  reports: z
    .strictObject({ json: path.optional(), prometheus: path.optional(), html: path.optional() })
    .optional()
    .describe('Files that a check of all guests writes.'),
});

/** The configuration as it is written. */
export type Config = z.output<typeof configSchema>;

/** The JSON Schema (2020-12) that is published as docs/config.schema.json. */
export function publishedSchema(): z.core.JSONSchema.JSONSchema {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, { io: 'input' });
  return {
    ...($schema === undefined ? {} : { $schema }),
    $id: 'urn:virtioize:config:1',
    title: 'The configuration of virtioize',
    ...schema,
  };
}
