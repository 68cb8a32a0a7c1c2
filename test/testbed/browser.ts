import puppeteer, { type Browser } from 'puppeteer-core';

/** Debian's own. */
const CHROMIUM = '/usr/bin/chromium';
const TIMEOUT_MS = 120_000;

/** A browser without a window, which asks nobody for anything by itself. Close it in the end. */
export async function openBrowser(): Promise<Browser> {
  return puppeteer.launch({
    executablePath: CHROMIUM,
    timeout: TIMEOUT_MS,
    protocolTimeout: TIMEOUT_MS,
    args: [
      '--no-sandbox', // root has none
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
