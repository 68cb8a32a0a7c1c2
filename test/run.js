// `npm test`: makes the checkout ready, runs all tests, and closes with a line that says how many passed and failed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare, prepareGuestKernel } from './prepare.js';

await prepare();
await prepareGuestKernel();

const folder = mkdtempSync(join(tmpdir(), 'virtioize-test-'));
const results = join(folder, 'results.json');
try {
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const jest = ['node_modules/jest/bin/jest.js', '--maxWorkers=4', '--json', `--outputFile=${results}`];
  const { status } = spawnSync(process.execPath, [...flags, ...jest, ...process.argv.slice(2)], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'ignore', 'inherit'], // the report comes on stderr; stdout would repeat it as JSON
  });
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(results, 'utf8'));
  process.stdout.write(`${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed\n`);
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
