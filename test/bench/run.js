// `npm run bench`: makes the checkout ready, then measures, as ratios within one run.
import { prepare, prepareGuestKernel } from '../prepare.js';

await prepare('contenderPackages');
await prepareGuestKernel();
const { bench } = await import('../../dist/test/bench/bench.js');
process.exitCode = await bench(process.argv.slice(2));
