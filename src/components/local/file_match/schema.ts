/** Arguments and exports of local.file_match. */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { duration, list, map, string } from '#config/schema/types.ts';

export const args = body(
  {
    path_targets: attr(list(map(string)), {
      required: true,
      doc: 'Targets whose `__path__` is a pattern of files (`*`, `**`, `?`, `[...]`, `{a,b}`), less those of `__path_exclude__`.',
    }),
    ignore_older_than: attr(duration, {
      default: 0,
      doc: 'Leave out files that were last changed before that; 0 leaves out none.',
    }),
    sync_period: attr(duration, { default: 10_000, doc: 'Time between two searches.' }),
  },
  (a, error) => {
    if (a.sync_period <= 0) error('sync_period', 'sync_period must be greater than 0');
    for (const target of a.path_targets)
      if ((target['__path__'] ?? '') === '') error('path_targets', 'each target needs a __path__');
  },
);
export type Args = Infer<typeof args>;

export const exports = body({
  targets: attr(list(map(string)), { required: true, doc: 'One target for each file; `__path__` is its path.' }),
});
export type Exports = Infer<typeof exports>;
