// `npm run bench`: makes the checkout ready, then measures, as ratios within one run.
import { prepare } from '../prepare.js';

await prepare();
const { bench } = await import('../../dist/test/bench/bench.js');
process.exitCode = await bench();
