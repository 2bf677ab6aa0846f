/**
 * Span metrics in a worker, and the same counts as one would write them over lazy views: text of names and values, keys put together
 * of them, series in a Map. Both stop at spans that they could not count.
 */
import { KEY_VALUE, ENTRY, REQUEST, RESOURCE, SCOPE_ENTRY, SPAN, SPAN_STATUS } from '#codec/otlp/fields.ts';
import { valueText } from '#codec/otlp/value-text.ts';
import { MessageView, Occurrences } from '#codec/otlp/view.ts';
import { SeriesTable } from '#components/kit/series/table.ts';
import { seriesPlan } from '#components/otelcol/connector/spanmetrics/plan.ts';
import { args as schema, type Args } from '#components/otelcol/connector/spanmetrics/schema.ts';
import { SpanCounter } from '#components/otelcol/connector/spanmetrics/span-counter.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { FakeMeter } from '#test/support/fake-meter.ts';
import type { Case } from './cases.ts';

/** What people ask for first: two words of each request. */
const DIMENSIONS = ['http.request.method', 'http.response.status_code'];

const BOUNDS_MS = [2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000];

/** `one`: what the requests hold that `next` gives. */
export function spanMetricsCases(next: () => Buffer, one: Pick<Case, 'spans' | 'bytes'>): Case[] {
  return [[], DIMENSIONS].flatMap((dimensions): Case[] => {
    const more = dimensions.length === 0 ? '' : `, ${dimensions.length} dimensions`;
    return [
      { name: `spanmetrics${more}`, ...one, make: () => countInTable(next, dimensions) },
      { name: `spanmetrics by string keys${more}`, ...one, make: () => countInMap(next, dimensions) },
    ];
  });
}

function countInTable(next: () => Buffer, dimensions: readonly string[]): () => void {
  const args: Args = argsOf(
    schema,
    `${dimensions.map((name) => `dimension { name = "${name}" }`).join('\n')}\nhistogram {\nexplicit { }\n}\noutput { }`,
  );
  const table = new SeriesTable(seriesPlan(args), { harvestDue: () => undefined, meter: new FakeMeter() });
  const counter = new SpanCounter(args, table, '', Math.random);
  let now = 1e12;
  return () => {
    table.begin(now++);
    counter.count(next());
    if (counter.ignored > 0) throw new Error('spans without a service');
  };
}

class Series {
  calls = 0;
  sum = 0;
  readonly buckets = new Array<number>(BOUNDS_MS.length + 1).fill(0);
}

function countInMap(next: () => Buffer, dimensions: readonly string[]): () => void {
  const series = new Map<string, Series>();
  const [request, entry, scope, span, status, pair] = Array.from({ length: 6 }, () => new MessageView());
  const [entries, scopes, spans, attributes] = Array.from({ length: 4 }, () => new Occurrences());
  const wanted = new Set(['service.name', ...dimensions]);
  const found = new Map<string, string>();

  const read = (view: MessageView, field: number, into: Map<string, string>): void => {
    into.clear();
    for (attributes.over(view, field); attributes.next();) {
      pair.reset(view.buf, attributes.start, attributes.stop);
      const name = pair.string(KEY_VALUE.key);
      if (wanted.has(name))
        into.set(name, valueText(pair.buf, pair.start(KEY_VALUE.value), pair.stop(KEY_VALUE.value)));
    }
  };
  const count = (service: string, around: ReadonlyMap<string, string>): void => {
    let key = `${service}\0${span.string(SPAN.name)}\0${span.uint32(SPAN.kind)}\0`;
    key += span.has(SPAN.status)
      ? status.reset(span.buf, span.start(SPAN.status), span.stop(SPAN.status)).uint32(SPAN_STATUS.code)
      : 0;
    if (dimensions.length > 0) read(span, SPAN.attributes, found);
    for (const name of dimensions) {
      const value = found.get(name) ?? around.get(name);
      if (value !== undefined) key += `\0${name}:${value}`;
    }
    let one = series.get(key);
    if (one === undefined) series.set(key, (one = new Series()));
    const ms = Number(span.uint64(SPAN.endTimeUnixNano) - span.uint64(SPAN.startTimeUnixNano)) / 1e6;
    one.calls++;
    one.sum += ms;
    const bucket = BOUNDS_MS.findIndex((bound) => ms <= bound);
    one.buckets[bucket < 0 ? BOUNDS_MS.length : bucket]++;
  };
  return () => {
    const bytes = next();
    request.reset(bytes, 0, bytes.length);
    for (entries.over(request, REQUEST.entries); entries.next();) {
      entry.reset(bytes, entries.start, entries.stop);
      const around = new Map<string, string>();
      pair.reset(bytes, entry.start(ENTRY.resource), entry.stop(ENTRY.resource));
      const resource = new MessageView().reset(bytes, entry.start(ENTRY.resource), entry.stop(ENTRY.resource));
      read(resource, RESOURCE.attributes, around);
      const service = around.get('service.name');
      if (service === undefined) throw new Error('spans without a service');
      for (scopes.over(entry, ENTRY.scopes); scopes.next();) {
        scope.reset(bytes, scopes.start, scopes.stop);
        for (spans.over(scope, SCOPE_ENTRY.items); spans.next();) {
          span.reset(bytes, spans.start, spans.stop);
          count(service, around);
        }
      }
    }
  };
}
