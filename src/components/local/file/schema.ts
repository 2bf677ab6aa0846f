/** Arguments and exports of local.file. */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { bool, secretOrString, string } from '#config/schema/types.ts';
import { checkFileWatch, fileWatchArguments } from '#components/kit/blocks/file-watch.ts';

export const args = body(
  {
    filename: attr(string, { required: true, doc: 'Path of the file.' }),
    ...fileWatchArguments,
    is_secret: attr(bool, { default: false, doc: 'Whether the content is exported as a secret.' }),
  },
  checkFileWatch,
);
export type Args = Infer<typeof args>;

export const exports = body({
  content: attr(secretOrString, { required: true, doc: 'The content of the file; a secret if `is_secret` is set.' }),
});
export type Exports = Infer<typeof exports>;
