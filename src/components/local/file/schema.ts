/** Arguments and exports of local.file. */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { bool, duration, oneOf, secretOrString, string } from '#config/schema/types.ts';

export const args = body(
  {
    filename: attr(string, { required: true, doc: 'The file to read.' }),
    detector: attr(oneOf('fsnotify', 'poll'), {
      default: 'fsnotify',
      doc: 'How changes are noticed: `fsnotify` (and polling as a safety net) or `poll`.',
    }),
    is_secret: attr(bool, { default: false, doc: 'Whether the content is exported as a secret.' }),
    poll_frequency: attr(duration, { default: 60_000, doc: 'Time between two readings.' }),
  },
  (a, error) => {
    if (a.poll_frequency <= 0) error('poll_frequency', 'poll_frequency must be greater than 0');
  },
);
export type Args = Infer<typeof args>;

export const exports = body({
  content: attr(secretOrString, { required: true, doc: 'The content of the file; a secret with `is_secret`.' }),
});
export type Exports = Infer<typeof exports>;
