/** Arguments of otelcol.processor.span. Rules: Collector contrib `processor/spanprocessor`, grafana/alloy. */
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { checkMatch, excludeBlock, includeBlock, patternProblem } from '#components/kit/blocks/match.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, list, oneOf, string } from '#config/schema/types.ts';

const toAttributesBody = body(
  {
    rules: attr(list(string), {
      required: true,
      doc: 'RE2 regular expressions, one after the other: what their named groups match in the name becomes attributes.',
    }),
    break_after_match: attr(bool, { default: false, doc: 'Whether the first rule that matches is the last one.' }),
    keep_original_name: attr(bool, {
      default: false,
      doc: 'Whether the name stays. Otherwise `{group}` takes the place of what a group has matched.',
    }),
  },
  (a, error) => {
    for (const rule of a.rules) {
      const wrong = patternProblem(rule);
      if (wrong !== null) error('rules', wrong);
    }
  },
);

const nameBody = body({
  from_attributes: attr(list(string), {
    default: [],
    doc: 'Attributes whose values make the name, in this order. It stays where one of them is not there.',
  }),
  separator: attr(string, { default: '', doc: 'Stands between the values.' }),
  to_attributes: block(toAttributesBody, { optional: true, doc: 'Takes attributes out of the name.' }),
});
export type NameArgs = Infer<typeof nameBody>;

const statusBody = body(
  {
    code: attr(oneOf('Ok', 'Error', 'Unset'), { required: true, doc: 'Status that spans get.' }),
    description: attr(string, { default: '', doc: 'Message of the status, for `Error`.' }),
  },
  (a, error) => {
    if (a.code !== 'Error' && a.description !== '')
      error('description', 'description should be empty when code is not "Error"');
  },
);
export type StatusArgs = Infer<typeof statusBody>;

export const args = body(
  {
    include: includeBlock,
    exclude: excludeBlock,
    name: block(nameBody, { doc: 'How names are made of attributes, and attributes of names.' }),
    status: block(statusBody, { optional: true, doc: 'The status that spans get.' }),
    output: outputBlock,
    debug_metrics: debugMetricsBlock,
  },
  (a, error) => {
    const { traces } = a.output;
    const nothing = a.name.from_attributes.length === 0 && (a.name.to_attributes?.rules ?? []).length === 0;
    if (traces.length > 0 && nothing && a.status === undefined)
      error('name', 'name should have from_attributes or to_attributes, or there should be a block status');
    checkMatch({ ...a, output: { traces, logs: [] } }, error);
  },
);
export type Args = Infer<typeof args>;
