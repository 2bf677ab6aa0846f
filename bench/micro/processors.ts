/**
 * Processors that edit, in a worker, and the same edits as one would write them: decode with protobufjs, change objects, encode. Both
 * ways have to give as many spans.
 */
import type { CreateWorkerPart, WorkerContext } from '#components/kit/component.ts';
import { args as filterSchema } from '#components/otelcol/processor/filter/schema.ts';
import { create as createFilter } from '#components/otelcol/processor/filter/worker.ts';
import { args as transformSchema } from '#components/otelcol/processor/transform/schema.ts';
import { create as createTransform } from '#components/otelcol/processor/transform/worker.ts';
import type { BodySchema, Infer, Shape } from '#config/schema/schema.ts';
import { Outcome } from '#shared/outcome.ts';
import { TRACES } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { messageType } from '#test/support/otlp-proto.ts';
import { workerContext } from '#test/support/worker-context.ts';
import type { Case } from './cases.ts';

interface Attribute {
  key: string;
  value?: { stringValue?: string; intValue?: number };
}
interface Span {
  name: string;
  kind: number;
  attributes: Attribute[];
}
/** Whether the span stays. */
type Edit = (span: Span) => boolean;

const CONDITION = 'attributes["http.request.method"] == "DELETE"';
const STATEMENTS = [
  'set(attributes["deployment.environment.name"], "production")',
  'set(attributes["http.method"], attributes["http.request.method"]) where kind == SPAN_KIND_SERVER',
  'delete_key(attributes, "http.response.status_code") where attributes["http.response.status_code"] == 200',
];

/** `one`: what the requests hold that `next` gives. */
export function processorCases(next: () => Buffer, one: Pick<Case, 'spans' | 'bytes'>): Case[] {
  return [
    {
      name: 'filter, 1 condition',
      ...one,
      make: () => throughPart(next, createFilter, filterSchema, `traces {\n span = [\`${CONDITION}\`]\n }\noutput { }`),
    },
    { name: 'filter by decode, edit, encode', ...one, make: () => byObjects(next, keepsSpan) },
    {
      name: 'transform, 3 statements',
      ...one,
      make: () =>
        throughPart(
          next,
          createTransform,
          transformSchema,
          `trace_statements {\n context = "span"\n statements = [${STATEMENTS.map((s) => `\`${s}\``).join(', ')}]\n }\noutput { }`,
        ),
    },
    { name: 'transform by decode, edit, encode', ...one, make: () => byObjects(next, transformSpan) },
  ];
}

/** A processor with a next component that takes everything. `args`: as a configuration writes them. */
export function throughPart<S extends Shape>(
  next: () => Buffer,
  create: CreateWorkerPart<Infer<BodySchema<S>>>,
  schema: BodySchema<S>,
  args: string,
): () => void {
  let items = 0;
  const taker = {
    consume: (batch: { readonly items: number }) => {
      items += batch.items;
      return Outcome.accepted;
    },
  };
  const outputs = { traces: taker, metrics: taker, logs: taker };
  const ctx: WorkerContext = {
    ...workerContext('otelcol.processor.bench.bench'),
    next: outputs as unknown as WorkerContext['next'],
  };
  const { input } = create(argsOf(schema, args), ctx);
  return () => {
    const bytes = next();
    items = 0;
    void input!.consume({ signal: TRACES, bytes, items: 512, metadata: null, owned: true });
    if (items === 0) throw new Error('nothing came out');
  };
}

const valueOf = (span: Span, key: string): Attribute | undefined => span.attributes.find((a) => a.key === key);

const keepsSpan: Edit = (span) => valueOf(span, 'http.request.method')?.value?.stringValue !== 'DELETE';

const transformSpan: Edit = (span) => {
  setAttribute(span, 'deployment.environment.name', { stringValue: 'production' });
  const method = valueOf(span, 'http.request.method');
  if (span.kind === 2 && method?.value !== undefined) setAttribute(span, 'http.method', method.value);
  if (Number(valueOf(span, 'http.response.status_code')?.value?.intValue ?? 0) === 200)
    span.attributes = span.attributes.filter((a) => a.key !== 'http.response.status_code');
  return true;
};

export function setAttribute(span: Span, key: string, value: NonNullable<Attribute['value']>): void {
  const present = valueOf(span, key);
  if (present === undefined) span.attributes.push({ key, value });
  else present.value = value;
}

export function byObjects(next: () => Buffer, edit: Edit): () => void {
  const type = messageType('ExportTraceServiceRequest');
  return () => {
    const message = type.decode(next()) as unknown as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
    let left = 0;
    for (const resource of message.resourceSpans)
      for (const scope of resource.scopeSpans) {
        scope.spans = scope.spans.filter(edit);
        left += scope.spans.length;
      }
    if (left === 0 || type.encode(message).finish().length === 0) throw new Error('nothing came out');
  };
}
