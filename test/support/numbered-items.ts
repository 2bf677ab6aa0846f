/** Small requests whose items carry numbers, so that a test can tell which of them came out where. */
import type { Batch } from '#components/kit/batch.ts';
import type { Metadata } from '#shared/metadata.ts';
import { LABEL, SAMPLE, TIME_SERIES, WRITE_REQUEST } from '#codec/prometheus/fields.ts';
import { LINES, LOKI_ENTRY, LOKI_LABEL, STREAM, TIMESTAMP } from '#codec/loki/fields.ts';
import { MessageView, Occurrences } from '#codec/otlp/view.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import { LOGS, LOKI, METRICS, PROMETHEUS, type Flow, type Signal } from '#shared/signal.ts';
import { encodeRequest, listItems } from './otlp-proto.ts';

/**
 * One resource with one scope holding items numbered from `from`: spans by name, data points by value, log records by body; series
 * and their samples by value, lines of one stream by text.
 */
export function numbered<F extends Flow>(
  flow: F,
  from: number,
  count: number,
  metadata: Metadata | null = null,
): Batch<F> {
  return { signal: flow, bytes: bytesOf(flow, range(from, count)), items: count, metadata, owned: true };
}

function bytesOf(flow: Flow, numbers: readonly number[]): Buffer {
  if (flow === PROMETHEUS) return seriesOf(numbers);
  return flow === LOKI ? linesOf(numbers) : encodeRequest(flow, request(flow, numbers));
}

/** The numbers in a batch, in order. */
export function numbersIn({ signal, bytes }: Pick<Batch<Flow>, 'signal' | 'bytes'>): number[] {
  if (signal === PROMETHEUS) return samplesIn(bytes);
  if (signal === LOKI) return [...bytes.toString('latin1').matchAll(/#(\d+)/g)].map(([, n]) => Number(n));
  return listItems(signal, bytes).map((item) => Number(/(?:#|"as(?:Int|Double)":"?)(\d+)/.exec(item)?.[1]));
}

function seriesOf(numbers: readonly number[]): Buffer {
  const out = new Writer();
  for (const n of numbers) {
    const series = out.begin(WRITE_REQUEST.timeseries);
    for (const [name, value] of [
      ['__name__', 'm'],
      ['n', String(n)],
    ]) {
      const label = out.begin(TIME_SERIES.labels);
      out.string(LABEL.name, name);
      out.string(LABEL.value, value);
      out.end(label);
    }
    const sample = out.begin(TIME_SERIES.samples);
    out.double(SAMPLE.value, n);
    out.varint64(SAMPLE.timestamp, 1000, 0);
    out.end(sample);
    out.end(series);
  }
  return out.finish();
}

function samplesIn(bytes: Buffer): number[] {
  const numbers: number[] = [];
  const [request, series, sample] = [new MessageView(), new MessageView(), new MessageView()];
  const each = new Occurrences();
  const samples = new Occurrences();
  for (each.over(request.reset(bytes, 0, bytes.length), WRITE_REQUEST.timeseries); each.next();)
    for (samples.over(series.reset(bytes, each.start, each.stop), TIME_SERIES.samples); samples.next();)
      numbers.push(sample.reset(bytes, samples.start, samples.stop).double(SAMPLE.value));
  return numbers;
}

function linesOf(numbers: readonly number[]): Buffer {
  const out = new Writer();
  const stream = out.begin(LINES.streams);
  const label = out.begin(STREAM.labels);
  out.string(LOKI_LABEL.name, 'job');
  out.string(LOKI_LABEL.value, 'numbers');
  out.end(label);
  for (const n of numbers) {
    const entry = out.begin(STREAM.entries);
    const time = out.begin(LOKI_ENTRY.timestamp);
    out.varint64(TIMESTAMP.seconds, 1_764_000_000, 0);
    out.end(time);
    out.string(LOKI_ENTRY.line, `#${n}`);
    out.end(entry);
  }
  out.end(stream);
  return out.finish();
}

/** The whole numbers from..from + count - 1. */
export const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

function request(signal: Signal, numbers: readonly number[]): { readonly [field: string]: unknown } {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'numbers' } }] };
  const scope = { name: 'counter' };
  if (signal === METRICS) {
    const gauge = { dataPoints: numbers.map((n) => ({ asInt: n })) };
    return { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: [{ name: 'm', gauge }] }] }] };
  }
  if (signal === LOGS) {
    return {
      resourceLogs: [
        { resource, scopeLogs: [{ scope, logRecords: numbers.map((n) => ({ body: { stringValue: `#${n}` } })) }] },
      ],
    };
  }
  return { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: numbers.map((n) => ({ name: `#${n}` })) }] }] };
}
