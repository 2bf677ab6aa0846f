/** What a command is. Each one is a file of `commands/`; dispatch, help, completion and the reference read their table. */
import type { ParsedArgs } from './args.ts';
import type { Flag } from './flags.ts';
import type { Host } from './host.ts';
import type { Made } from './run.ts';

export interface Command {
  readonly name: string;
  /** Its first line stands in the overview. */
  readonly summary: string;
  /** `millrace run [PATH] [flags]` */
  readonly usage: string;
  readonly flags: readonly Flag[];
  readonly positionals: Positionals;
  /** Said in the help text; absent: it keeps its flags and its output. */
  readonly stability?: 'experimental' | 'public-preview';
  /**
   * Resolves with the exit code. Its arguments are known to be well-formed and counted. A MillraceError that it rejects
   * with is shown as one line, exit code 1; anything else is a bug.
   */
  run(args: ParsedArgs, made: Made, host: Host): Promise<number>;
}

/** How many arguments that are no flags. */
export interface Positionals {
  readonly least: number;
  readonly most: number;
  /** What is missing when there are too few: `the PATH of a configuration`. */
  readonly what?: string;
  /** What shells complete: words, or names of files and folders. Absent: files when any positional is allowed. */
  readonly choices?: readonly string[];
}
