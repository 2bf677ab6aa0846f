/**
 * Scenario: spans go two ways, through processors that drop and edit them to one backend and as they are to another; a backend
 * refuses for a while, and a reload changes the statements while spans flow.
 * Guarantees: each backend has every span exactly once, edited only on the way on which it is edited, with 1 and with 3 workers; a
 * reload with a bad statement leaves the old ones running and says where the mistake is; nothing is lost or doubled by retries.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { TRACES } from '#shared/signal.ts';
import { startCollector } from '#test/support/collector.ts';
import { decodeRequest, listItems } from '#test/support/otlp-proto.ts';
import { sendGrpc } from '#test/support/otlp-send.ts';
import { startOtlpSink, type OtlpSink } from '#test/support/otlp-sink.ts';
import { PayloadSource } from '#test/support/payloads.ts';
import { metric } from '#test/support/scrape.ts';

const config = (port: number, edited: string, plain: string, statement: string): string => `
otelcol.receiver.otlp "in" {
  grpc { endpoint = "127.0.0.1:${port}" }
  output { traces = [otelcol.processor.filter.clients.input, otelcol.exporter.otlphttp.plain.input] }
}
otelcol.processor.filter "clients" {
  trace_conditions { conditions = ["span.kind == SPAN_KIND_CLIENT"] }
  output { traces = [otelcol.processor.transform.edit.input] }
}
otelcol.processor.transform "edit" {
  trace_statements {
    context    = "span"
    statements = [\`set(attributes["edited"], "yes")\`, \`${statement}\`]
  }
  output { traces = [otelcol.exporter.otlphttp.edited.input] }
}
otelcol.exporter.otlphttp "edited" {
  client { endpoint = "${edited}" }
  retry_on_failure { initial_interval = "10ms" }
}
otelcol.exporter.otlphttp "plain" {
  client { endpoint = "${plain}" }
  retry_on_failure { initial_interval = "10ms" }
}`;

interface Span {
  readonly spanId: string;
  readonly name: string;
  readonly kind?: number;
  readonly attributes?: readonly { readonly key: string }[];
}

function spansOf(sink: OtlpSink): Span[] {
  return sink.accepted.flatMap(({ bytes }) => {
    const { resourceSpans } = decodeRequest(TRACES, bytes) as unknown as {
      resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
    };
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  });
}
const has = ({ attributes = [] }: Span, key: string): boolean => attributes.some((attribute) => attribute.key === key);

for (const workers of [1, 3])
  test(`edited on one way, untouched on the other, with ${workers} workers`, async (t) => {
    const [edited, plain] = await Promise.all([startOtlpSink(), startOtlpSink()]);
    t.after(() => Promise.all([edited.close(), plain.close()]));
    await using collector = await startCollector({
      flags: [`--workers=${workers}`],
      config: ([port]) => config(port, edited.httpUrl, plain.httpUrl, 'set(attributes["first"], kind)'),
    });
    const [port] = collector.ports;
    const source = new PayloadSource(5);
    const sent: Buffer[] = [];
    const send = async (): Promise<void> => {
      const bytes = source.traces(60, 3);
      sent.push(bytes);
      assert.ok((await sendGrpc(port, TRACES, bytes)).ok);
    };
    const reload = async (statement: string): Promise<[number, string]> => {
      await writeFile(collector.configFile, config(port, edited.httpUrl, plain.httpUrl, statement));
      const answer = await fetch(`${collector.adminUrl}/-/reload`, { method: 'POST' });
      return [answer.status, await answer.text()];
    };

    // The first backend is away for its first answers: what waits for it is the edited batch.
    let refusals = 3;
    edited.answerer = () => (refusals-- > 0 ? { kind: 'http', status: 503 } : { kind: 'ok' });
    for (let i = 0; i < 5; i++) await send();
    const [bad, text] = await reload('set(attributes["second"], knd)');
    assert.equal(bad, 400);
    assert.match(text, /config\.alloy:13:\d+.*no path `knd`/s);
    await send();
    assert.equal((await reload('set(attributes["second"], kind)'))[0], 200);
    for (let i = 0; i < 5; i++) await send();
    assert.equal((await collector.stop()).code, 0, collector.output());

    const all = sent.flatMap((bytes) => listItems(TRACES, bytes)).sort();
    assert.deepEqual(plain.accepted.flatMap(({ bytes }) => listItems(TRACES, bytes)).sort(), all, 'as they were sent');
    const wanted = spansOf(plain).filter(({ kind }) => kind !== 3);
    const came = spansOf(edited);
    const ids = (spans: readonly Span[]): string[] => spans.map(({ spanId }) => spanId).sort();
    assert.deepEqual(ids(came), ids(wanted), 'every span but those of clients, once');
    assert.ok(came.length > 0 && came.length < all.length);
    assert.ok(came.every((span) => has(span, 'edited') && has(span, 'first') !== has(span, 'second')));
    assert.ok(came.some((span) => has(span, 'first')) && came.some((span) => has(span, 'second')));
  });

test('what a filter drops is counted, and its sender told that it was taken', async (t) => {
  const [edited, plain] = await Promise.all([startOtlpSink(), startOtlpSink()]);
  t.after(() => Promise.all([edited.close(), plain.close()]));
  await using collector = await startCollector({
    config: ([port]) => config(port, edited.httpUrl, plain.httpUrl, 'delete_key(attributes, "none")'),
  });
  const bytes = new PayloadSource(9).traces(100, 1);
  assert.ok((await sendGrpc(collector.ports[0], TRACES, bytes)).ok);
  await plain.waitForAccepted(1);
  const clients = spansOf(plain).filter(({ kind }) => kind === 3).length;
  assert.ok(clients > 0);
  assert.equal(await metric(collector, 'otelcol_processor_filter_spans_filtered_total'), clients);
  assert.equal((await collector.stop()).code, 0);
});
