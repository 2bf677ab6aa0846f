/** The arguments with which a file of the configuration is watched. Facts: grafana/alloy `internal/filedetector`. */
import { attr } from '#config/schema/schema.ts';
import { duration, oneOf } from '#config/schema/types.ts';

export const fileWatchArguments = {
  detector: attr(oneOf('fsnotify', 'poll'), {
    default: 'fsnotify',
    doc: 'How changes are found: `fsnotify` asks the operating system to tell of them, and polls besides; `poll` only polls.',
  }),
  poll_frequency: attr(duration, { default: 60_000, doc: 'How often the file is read to see whether it has changed.' }),
} as const;

export function checkFileWatch(
  args: { readonly poll_frequency: number },
  error: (key: 'poll_frequency', message: string) => void,
): void {
  if (args.poll_frequency <= 0) error('poll_frequency', 'poll_frequency must be greater than 0');
}
