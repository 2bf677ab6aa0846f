/**
 * `npm run bench:config`: what configurations cost, hostile and large ones.
 */
import { machineFacts, machineLine } from '#bench/load/report/machine.ts';
import { hostile } from './hostile.ts';
import { scale } from './scale.ts';

console.log(`${machineLine(machineFacts())}\n`);
hostile();
await scale();
