/** A command line without a process: what it is given, and what it says. */
import { command } from '#main/cli/commands.ts';
import type { Host } from '#main/cli/host.ts';
import type { Made } from '#main/cli/run.ts';
import { systemClock } from '#shared/clock.ts';
import { createLogger } from '#shared/log-writer.ts';
import { FakeFleet, world } from '../graph/fakes.ts';

export class Terminal {
  out = '';
  err = '';
  /** What is piped in. */
  input = '';
  env: Record<string, string> = {};
  readonly heaps: number[] = [];
  readonly fleet = new FakeFleet();
  components: Made['components'] = world().components;

  /** Resolves with the exit code; `out` and `err` hold what this command said alone. */
  run(...argv: string[]): Promise<number> {
    this.out = '';
    this.err = '';
    const stderr = (text: string): void => void (this.err += text);
    const host: Host = {
      stdout: (text) => void (this.out += text),
      stderr,
      coloured: false,
      stdin: () => Promise.resolve(Buffer.from(this.input)),
      env: this.env,
      clock: systemClock,
      log: createLogger({ level: 'info', format: 'logfmt', write: stderr, clock: systemClock }),
      limitHeaps: (bytes) => void this.heaps.push(bytes),
      watch: () => () => {},
    };
    return command(argv, { components: this.components, fleet: () => this.fleet, version: '1.2.3' }, host);
  }
}
