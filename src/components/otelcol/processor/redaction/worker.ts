/** otelcol.processor.redaction in a worker. */
import { LOG_RECORD, RESOURCE, SCOPE, SPAN, SPAN_EVENT } from '#codec/otlp/fields.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import type { Visitor } from '#components/kit/edit/batch-editor.ts';
import { editingPart, type Editing } from '#components/kit/edit/processor.ts';
import { pointAttributes } from '#ottl/paths/metric.ts';
import type { Telemetry } from '#ottl/telemetry.ts';
import { AttributeRedactor } from './attribute-redactor.ts';
import { BodyRedactor } from './body-redactor.ts';
import { KeyRules } from './key-rules.ts';
import type { Args } from './schema.ts';
import { ValueRules } from './value-rules.ts';

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return editingPart('redaction', editingOf, args, ctx);
}

function editingOf(args: Args): Editing {
  const keys = new KeyRules(args);
  const values = new ValueRules(args);
  const attributes = new AttributeRedactor(args, keys, values);
  const body = new BodyRedactor(args, keys, values);
  const visitor =
    (visit: (t: Telemetry) => void): Visitor =>
    (t) => {
      visit(t);
      return true;
    };
  const around = {
    resource: visitor((t) => attributes.apply(t.resource, RESOURCE.attributes)),
    scope: visitor((t) => attributes.apply(t.scope, SCOPE.attributes)),
  };
  const span = visitor((t) => attributes.apply(t.span, SPAN.attributes));
  const spanEvent = visitor((t) => attributes.apply(t.spanEvent, SPAN_EVENT.attributes));
  const point = visitor((t) => attributes.apply(t.point, pointAttributes(t)));
  const log = visitor((t) => {
    attributes.apply(t.log, LOG_RECORD.attributes);
    body.apply(t.log);
  });
  return { runs: [[{ ...around, span, spanEvent }], [{ ...around, point }], [{ ...around, log }]] };
}
