/** copy_metric: the metric once more, with another name, description or unit. */
import { METRIC, SCOPE_ENTRY } from '#codec/otlp/fields.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import type { Arguments } from '#ottl/functions/arguments.ts';
import { editor, type Editor } from '#ottl/functions/function.ts';
import type { Getter, Run } from '#ottl/telemetry.ts';
import { settleData, writeText } from './metric-parts.ts';

function copyMetric(args: Arguments): Run {
  const others: (readonly [number, Getter<string>])[] = [];
  for (const [i, field] of [METRIC.name, METRIC.description, METRIC.unit].entries())
    if (args.has(i)) others.push([field, args.string(i)]);
  const reader = new Reader();
  return (t) => {
    const texts = others.map(([field, get]) => [field, get(t)] as const);
    settleData(t);
    t.metric.whole();
    const { buf, start, stop } = t.metric;
    const mark = t.beginMetric();
    const out = t.space.scratch;
    const item = out.begin(SCOPE_ENTRY.items);
    for (reader.reset(buf, start, stop); reader.next();)
      if (!others.some(([field]) => field === reader.field)) out.raw(buf, reader.fieldStart, reader.pos);
    for (const [field, text] of texts) writeText(out, field, text);
    out.end(item);
    t.addMetric(mark);
  };
}

export const COPY_METRIC: Editor = editor(
  'copy_metric',
  ['name?', 'description?', 'unit?'],
  'Adds a copy of the metric to its scope; the copy is visited too, so a condition has to keep it from being copied.',
  copyMetric,
  ['metric'],
);
