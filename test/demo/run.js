// `npm run demo`: makes the checkout ready, then shows the whole job on guests of its own.
import { prepare } from '../prepare.js';

await prepare();
const { demo } = await import('../../dist/test/demo/demo.js');
process.exitCode = await demo();
