/** Arguments and exports of local.file_match. */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { duration, list, map, string } from '#config/schema/types.ts';

export const args = body(
  {
    path_targets: attr(list(map(string)), {
      required: true,
      doc: 'Targets to find files for, by the patterns in `__path__` and `__path_exclude__`.',
    }),
    sync_period: attr(duration, { default: 10_000, doc: 'How often the files are looked for.' }),
    ignore_older_than: attr(duration, {
      default: 0,
      doc: 'Files that were last changed longer ago are left out; `"0s"` means none.',
    }),
  },
  (args, error) => {
    if (args.sync_period <= 0) error('sync_period', 'sync_period must be greater than 0');
    if (args.ignore_older_than < 0) error('ignore_older_than', 'ignore_older_than must not be negative');
  },
);
export type Args = Infer<typeof args>;

export const exports = body({
  targets: attr(list(map(string)), { required: true, doc: 'A target for each file that was found.' }),
});
export type Exports = Infer<typeof exports>;
