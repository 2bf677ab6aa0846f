/** `node tools/launch.mjs COMMAND [ARGS]`: the millrace command line, from source. What `npm start` and bin/ run. */
import { nodeFlags, runSource } from './run.mjs';

runSource('src/main/cli/main.ts', process.argv.slice(2), nodeFlags());
