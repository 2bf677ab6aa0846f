/** otelcol.processor.span in a worker. Metrics and logs pass as they are. */
import { SPAN, SPAN_STATUS } from '#codec/otlp/fields.ts';
import type { Message } from '#codec/otlp/message.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { editingPart, type Editing } from '#components/kit/edit/processor.ts';
import { ItemMatch } from '#components/kit/match/item-match.ts';
import { TRACES } from '#shared/signal.ts';
import { NameFromAttributes } from './from-attributes.ts';
import type { Args, StatusArgs } from './schema.ts';
import { AttributesFromName } from './to-attributes.ts';

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return editingPart('span', editingOf, args, ctx);
}

function editingOf({ include, exclude, name, status }: Args): Editing {
  const match = new ItemMatch(include, exclude, TRACES);
  const fromAttributes = name.from_attributes.length === 0 ? null : new NameFromAttributes(name);
  const toAttributes = name.to_attributes === undefined ? null : new AttributesFromName(name.to_attributes);
  const statusField = status === undefined ? null : statusBytes(status);
  if (fromAttributes === null && toAttributes === null && statusField === null) return { runs: [[], [], []] };
  const edits = {
    ...(match.looksAround && { resource: match.resource, scope: match.scope }),
    span: (t: { readonly span: Message }): true => {
      const { span } = t;
      fromAttributes?.apply(span);
      toAttributes?.apply(span);
      if (statusField !== null) setStatus(span, statusField);
      return true;
    },
  };
  const { span: edit } = edits;
  return { runs: [[match.passesAll ? edits : { ...edits, span: (t) => !match.passes(t) || edit(t) }], [], []] };
}

function setStatus(span: Message, field: Buffer): void {
  const mark = span.mark();
  span.scratch.raw(field);
  span.put(SPAN.status, mark);
}

const CODES = { Unset: 0, Ok: 1, Error: 2 } as const;

/** The field of the span; nothing for Unset, which is what no status means. */
function statusBytes({ code, description }: StatusArgs): Buffer {
  const out = new Writer(64);
  if (code === 'Unset') return out.finish();
  const status = out.begin(SPAN.status);
  if (description !== '') out.string(SPAN_STATUS.message, description);
  out.uint32(SPAN_STATUS.code, CODES[code]);
  out.end(status);
  return out.finish();
}
