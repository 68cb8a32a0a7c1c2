import { LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { VirtioizeError } from '../error.ts';
import { type Config, configSchema } from './config-schema.ts';
import { describeIssue, didYouMean, placeAt } from './describe-issue.ts';

/** A configuration, and where in its file what has expired stands. */
export interface ParsedConfig {
  readonly config: Config;
  /** One text for each exception that has expired, with its place. */
  readonly expired: readonly string[];
}

const EXCEPTIONS = ['attest', 'accept-likely', 'accept', 'waive'] as const;

/** An alias is repeated at most so often: a small file must not grow into a large one. */
const MAX_ALIASES = 100;

/**
 * Understand the text of a configuration file.
 * @param today as YYYY-MM-DD, in UTC.
 * @throws VirtioizeError `config` naming line and column of all that is wrong.
 */
export function parseConfig(text: string, file: string, today: string): ParsedConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0)
    throw invalid(
      file,
      broken.map(({ pos, message }) => `${placeAt(pos[0], lines)}: ${message}`),
    );
  const parsed = configSchema.safeParse(toValue(() => document.toJS({ maxAliasCount: MAX_ALIASES }), file) ?? {});
  if (!parsed.success) {
    throw invalid(
      file,
      parsed.error.issues.flatMap((issue) => describeIssue(issue, document, lines)),
    );
  }
  const expired = EXCEPTIONS.flatMap((key) =>
    (parsed.data[key] ?? []).flatMap(({ expires, guests }, index) => {
      if (expires >= today) return [];
      const range = (document.getIn([key, index, 'expires'], true) as { range?: [number] } | undefined)?.range;
      const place = range === undefined ? '1:1' : placeAt(range[0], lines);
      return [`${file}:${place}: '${key}' of ${guests.join(', ')} has expired on ${expires}`];
    }),
  );
  return { config: parsed.data, expired };
}

function toValue(read: () => unknown, file: string): unknown {
  try {
    return read();
  } catch (error) {
    throw invalid(file, [`1:1: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

/** The error for a configuration, with a line for each mistake. */
function invalid(file: string, mistakes: readonly string[]): VirtioizeError {
  const inOrder = [...mistakes].sort((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10));
  const problems = inOrder.map((mistake) => `${file}:${suggest(mistake)}`);
  return new VirtioizeError('config', `${file} is no valid configuration.`, {
    problems,
    hint: "docs/config.md tells what it may say; 'virtioize config validate' checks it; --no-config goes without it.",
  });
}

/** A key that is nearly right is named. */
function suggest(mistake: string): string {
  const key = /: unknown key '(.*)'$/.exec(mistake)?.[1];
  return key === undefined ? mistake : `${mistake}${didYouMean(key, keysOf(z.toJSONSchema(configSchema)))}`;
}

/** Every key that a configuration may have, at whatever depth. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : [];
  return [...own, ...Object.values(schema).flatMap(keysOf)];
}
