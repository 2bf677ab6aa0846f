/** What a command is. Each is one file of `commands/`; parsing, help, completion and the reference read the table. */
import type { ParsedArgs } from './args.ts';
import type { Flag } from './flags.ts';
import type { Host } from './host.ts';
import type { Made } from './run.ts';

export interface Command {
  readonly name: string;
  readonly usage: string;
  /** The first line is the overview's. */
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** Absent: its flags and its output stay as they are. */
  readonly stability?: 'public-preview' | 'experimental';
  /** How many, and what they are called when one is missing. */
  readonly positionals: {
    readonly min: number;
    readonly max: number;
    readonly what?: string;
    /** The words that they may be, for completion; absent: names of files. */
    readonly choices?: readonly string[];
  };
  /** Resolves with the exit code. Rejects with a MillraceError that the user reads, else for bugs. */
  run(args: ParsedArgs, context: CommandContext): Promise<number>;
}

export interface CommandContext {
  readonly made: Made;
  readonly host: Host;
  /** All of them, for completion. */
  readonly commands: readonly Command[];
}
