/** Configuration blocks that make and use modules: `argument`, `export`, `declare`, `foreach`. Facts: grafana/alloy v1.18 docs. */
import { attr, block, body } from '#config/schema/schema.ts';
import { any, bool, list, string } from '#config/schema/types.ts';
import { configBlock } from './config-block.ts';

export const argumentBlock = configBlock({
  name: 'argument',
  stability: 'generally-available',
  summary: 'Declares an argument of a custom component; its value is `argument.LABEL.value`.',
  args: body({
    optional: attr(bool, { default: false, doc: 'Whether the argument may be left out.' }),
    comment: attr(string, { default: '', doc: 'A description for readers.' }),
    default: attr(any, { doc: 'The value when the argument is left out.' }),
  }),
});

export const exportBlock = configBlock({
  name: 'export',
  stability: 'generally-available',
  summary: 'Declares an export of a custom component; users read it as `NAME.LABEL.EXPORT`.',
  args: body({ value: attr(any, { required: true, doc: 'The value that is exported.' }) }),
});

export const declareBlock = configBlock({
  name: 'declare',
  stability: 'generally-available',
  summary:
    'Defines a custom component: its body holds `argument`, `export`, `declare`, `import.*` blocks and components.',
  args: body({}),
});

export const foreachBlock = configBlock({
  name: 'foreach',
  stability: 'experimental',
  summary: 'Runs the components of its template once for each item of a list.',
  args: body({
    collection: attr(list(any), { required: true, doc: 'The items.' }),
    var: attr(string, { required: true, doc: 'The name of the item inside the template.' }),
    enable_metrics: attr(bool, { default: false, doc: 'Accepted; the metrics of the components are always there.' }),
    hash_string_id: attr(bool, {
      default: false,
      doc: 'Whether ids are made of a hash of strings instead of the strings.',
    }),
    id: attr(string, { default: '', doc: 'The field of an item that ids are made of.' }),
    template: block(body({}), { required: true, doc: 'The components to run for each item.' }),
  }),
});
