/**
 * The entry point of the process, and the only place that ends it.
 */
import { setFlagsFromString } from 'node:v8';
import { COMPONENTS } from '#components/list.ts';
import { systemClock } from '#shared/clock.ts';
import { createLogger } from '#shared/log-writer.ts';
import { pipedBytes } from '../graph/file-bytes.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { command } from './commands.ts';
import { EXIT, type Host } from './host.ts';
import { watchProcess } from './process-events.ts';
import type { Made } from './run.ts';
import { VERSION } from './version.ts';

// A reader of the output that goes away (a closed terminal, `| head`) is no reason for a gateway to stop.
process.stdout.on('error', ignoreClosedPipe);
process.stderr.on('error', ignoreClosedPipe);

const stderr = (text: string): void => void process.stderr.write(text);
const log = createLogger({ level: 'info', format: 'logfmt', write: stderr, clock: systemClock });
const host: Host = {
  stdout: (text) => void process.stdout.write(text),
  stderr,
  // https://no-color.org
  coloured: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '',
  stdin: () => pipedBytes('standard input', process.stdin),
  env: process.env,
  clock: systemClock,
  log,
  limitHeaps: (bytes) => setFlagsFromString(`--max-old-space-size=${Math.ceil(bytes / 1024 / 1024)}`),
  watch: watchProcess,
};
const made: Made = {
  components: COMPONENTS,
  version: VERSION,
  fleet: ({ workers, ingestThreads, ringBytes, receiveBytes, httpDriver }, registry) =>
    new Supervisor({
      workers,
      ringBytes,
      log,
      clock: systemClock,
      registry,
      ingest: { threads: ingestThreads, flags: { httpDriver, receiveBytes } },
    }),
};

process.on('uncaughtException', die);
process.on('unhandledRejection', die);

await end(await command(process.argv.slice(2), made, host));

function die(bug: unknown): void {
  log.error('unexpected error, the process ends', {
    err: bug instanceof Error ? (bug.stack ?? bug.message) : String(bug),
  });
  void end(EXIT.failed);
}

/** What was written last must be out: where pipes are asynchronous, exit would cut it. */
async function end(code: number): Promise<never> {
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))),
  );
  process.exit(code);
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
