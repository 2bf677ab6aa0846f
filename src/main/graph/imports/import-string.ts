/** `import.string`: the module is the text itself. */
import { isSecret } from '#config/eval/value.ts';
import { attr, body } from '#config/schema/schema.ts';
import { secretOrString } from '#config/schema/types.ts';
import { importBlock } from './import-block.ts';

export const importString = importBlock({
  name: 'import.string',
  stability: 'generally-available',
  summary: 'Imports custom components from a string.',
  args: body({
    content: attr(secretOrString, { required: true, doc: 'The module, as Alloy source.' }),
  }),
  local: true,
  create: ({ content }, { id }) => ({
    start: () =>
      Promise.resolve({
        sources: [{ name: id, bytes: Buffer.from(isSecret(content) ? content.secret : content) }],
        path: '',
        secret: isSecret(content),
      }),
    stop: () => Promise.resolve(),
  }),
});
