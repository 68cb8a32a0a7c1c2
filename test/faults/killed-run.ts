import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type DocumentJson, type ProgramOptions, virtioize, virtioizeJson } from '../program.ts';
import { readJournalLines, type TestHost } from '../test-host.ts';

const KILL_AT = fileURLToPath(new URL('kill-at.js', import.meta.url));

function withFault({ program }: TestHost, env: Record<string, string>): ProgramOptions {
  return { ...program, env: { ...program.env, ...env }, nodeOptions: ['--import', KILL_AT] };
}

/** The points at which something durable happens in a run that is left alone. */
export async function findPoints(host: TestHost, words: readonly string[], status: number): Promise<string[]> {
  const file = join(host.folder, 'points.json');
  const run = await virtioize(words, withFault(host, { KILL_POINTS_FILE: file }));
  if (run.status !== status) throw new Error(`the run ended with ${run.status}: ${run.stdout}${run.stderr}`);
  return JSON.parse(await readFile(file, 'utf8')) as string[];
}

/** @param at the point, counted from 1. */
export async function runKilled(host: TestHost, words: readonly string[], at: number): Promise<void> {
  const { signal, stderr } = await virtioize(words, withFault(host, { KILL_AT: String(at) }));
  if (signal !== 'SIGKILL') throw new Error(`the run was not killed: ${stderr}`);
}

/** The next run; the killed one's virsh may still be finishing what it was told, and holds the lock until then. */
export async function recover(
  { program }: Pick<TestHost, 'program'>,
  statuses: readonly number[] = [0],
): Promise<DocumentJson> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { status = -1, document, stderr } = await virtioizeJson(['recover'], program);
    if (statuses.includes(status)) return document;
    const isBusy = status === 75 || /driver\.pid|already in use|Failed to acquire pid file/.test(stderr);
    if (!isBusy || Date.now() > deadline) throw new Error(`recover ended with ${status}: ${stderr}`);
    await delay(100);
  }
}

/** The changes that the journal has no end for. */
export async function openChanges(host: TestHost): Promise<string[]> {
  const state = await host.hostState();
  const entries = state === undefined ? [] : await readJournalLines(state).catch(() => []);
  const open = new Set<string>();
  for (const { step, change } of entries) {
    if (step === 'end') open.delete(change);
    else open.add(change);
  }
  return [...open];
}
