import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { byName } from '#components/kit/relabel/labels.ts';
import { Outcome } from '#shared/outcome.ts';
import { CertificateAuthority } from '#test/support/certs.ts';
import { promBatch, series } from '#test/support/prom-batch.ts';
import { decodeWriteRequest, listSeries, seriesText } from '#test/support/prom-proto.ts';
import { temporaryFolder } from '#test/support/provider-context.ts';
import { assertSettled, endpoint, samplesIn, start, startSink } from '#test/support/remote-write-stage.ts';

const NOW = Date.UTC(2026, 0, 1);
const HISTOGRAM = {
  countInt: 2,
  sum: 3,
  schema: 1,
  positiveSpans: [{ offset: 0, length: 1 }],
  positiveDeltas: [2],
  timestamp: 1000,
};
const EXEMPLAR = { labels: [{ name: 'trace_id', value: 'abc' }], value: 1, timestamp: 1000 };

test('what comes in leaves as it is, after batch_send_deadline, as remote write 1.0', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink));
  const batch = promBatch([
    series({ __name__: 'a', job: 'x' }, [1, 2]),
    { ...series({ __name__: 'b' }, [3]), exemplars: [EXEMPLAR] },
  ]);
  assert.equal(stage.consume(batch), Outcome.accepted);
  await stage.ctx.clock.advance(4999);
  assert.equal(sink.requests.length, 0);
  assert.deepEqual([stage.held(), stage.value('samples_pending'), stage.value('exemplars_pending')], [3, 3, 1]);
  await stage.ctx.clock.advance(1);
  await stage.when(() => stage.held() === 0);
  const [request] = sink.requests;
  assert.deepEqual(listSeries(request.bytes), listSeries(batch.bytes));
  assert.equal(request.path, '/api/v1/write');
  const { headers } = request;
  assert.deepEqual(
    ['content-encoding', 'content-type', 'x-prometheus-remote-write-version', 'retry-attempt'].map(
      (name) => headers[name],
    ),
    ['snappy', 'application/x-protobuf', '0.1.0', undefined],
  );
  assert.match(headers['user-agent'], /^millrace\//);
  assert.deepEqual(
    ['samples_total', 'exemplars_total', 'samples_in_total', 'bytes_total'].map((name) => stage.value(name)),
    [3, 1, 3, request.wireBytes],
  );
  assert.equal(stage.value('highest_timestamp_in_seconds'), 1.001);
  assert.equal(stage.value('queue_highest_sent_timestamp_seconds'), 1.001);
  assert.equal(stage.ctx.meter.observed('prometheus_remote_storage_sent_batch_duration_seconds').length, 1);
  await stage.part.stop(1000);
  assertSettled(stage);
});

test('a full request leaves at once; a series longer than a request is cut', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, 'max_samples_per_send = 4'));
  const values = Array.from({ length: 11 }, (_, i) => i);
  void stage.consume(
    promBatch([{ ...series({ __name__: 'long' }, values), exemplars: [EXEMPLAR] }, series({ __name__: 'short' }, [1])]),
  );
  await stage.when(() => stage.value('samples_total') === 12);
  assert.deepEqual(samplesIn(sink), { 'long{}': values, 'short{}': [1] });
  const sizes = sink.requests.map(({ bytes }) => listSeries(bytes).flatMap(({ samples }) => samples).length);
  assert.deepEqual(sizes, [4, 4, 4]);
  assert.equal(stage.value('exemplars_total'), 1, 'exemplars leave once');
});

test('labels: external ones for what does not have them, then the rules of the endpoint', async (t) => {
  const sink = await startSink(t);
  const rules = `
    write_relabel_config {
      source_labels = ["cluster"]
      target_label  = "where"
    }
    write_relabel_config {
      source_labels = ["__name__"]
      regex         = "secret.*"
      action        = "drop"
    }`;
  const stage = start(t, `external_labels = { cluster = "c", none = "" }\n${endpoint(sink, '', rules)}`);
  for (let i = 0; i < 2; i++)
    void stage.consume(
      promBatch([
        series({ __name__: 'a' }, [i], i),
        series({ __name__: 'b', cluster: 'own' }, [i], i),
        series({ __name__: 'secret' }, [i], i),
      ]),
    );
  await stage.ctx.clock.advance(5000);
  await stage.when(() => stage.held() === 0);
  assert.deepEqual(samplesIn(sink), { 'a{cluster="c",where="c"}': [0, 1], 'b{cluster="own",where="own"}': [0, 1] });
  for (const { bytes } of sink.accepted)
    for (const { labels } of listSeries(bytes)) assert.deepEqual(labels, labels.toSorted(byName), 'labels are sorted');
  assert.equal(stage.value('samples_dropped_total', { reason: 'dropped_series' }), 2);
});

test('exemplars and native histograms leave where they are wanted', async (t) => {
  const [all, bare] = [await startSink(t), await startSink(t)];
  const stage = start(
    t,
    `${endpoint(all, '', 'send_native_histograms = true')}\n${endpoint(bare, '', 'send_exemplars = false')}`,
  );
  for (let i = 0; i < 2; i++) {
    const histograms = [{ ...HISTOGRAM, timestamp: i + 1 }];
    const both = { ...series({ __name__: 'a' }, [1], i + 1), exemplars: [EXEMPLAR], histograms };
    const only = { ...series({ __name__: 'h' }, []), exemplars: [EXEMPLAR], histograms };
    void stage.consume(promBatch([both, only]));
  }
  await stage.ctx.clock.advance(5000);
  await stage.when(() => stage.held() === 0);
  const seen = (sink: typeof all): unknown =>
    listSeries(sink.accepted[0].bytes).map((s) => [
      seriesText(s),
      s.samples.length,
      s.exemplars.length,
      s.histograms.length,
    ]);
  assert.deepEqual(seen(all), [
    ['a{}', 1, 1, 1],
    ['h{}', 0, 1, 1],
    ['a{}', 1, 1, 1],
    ['h{}', 0, 1, 1],
  ]);
  assert.deepEqual(seen(bare), [
    ['a{}', 1, 0, 0],
    ['a{}', 1, 0, 0],
  ]);
  assert.equal(stage.value('histograms_dropped_total', { reason: 'native_histograms_off' }), 4);
  assert.equal(stage.value('histograms_total'), 4);
  assert.equal(stage.ctx.log.lines.filter(({ message }) => message.includes('send_native_histograms')).length, 1);
});

test('exemplars of histograms that are not sent are not sent either, and are counted', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink));
  const histograms = [{ ...HISTOGRAM, timestamp: 5 }];
  const mixed = { ...series({ __name__: 'a' }, [1]), exemplars: [EXEMPLAR], histograms };
  void stage.consume(promBatch([{ ...series({ __name__: 'h' }, []), exemplars: [EXEMPLAR], histograms }, mixed]));
  await stage.ctx.clock.advance(5000);
  await stage.when(() => stage.held() === 0);
  assert.deepEqual(samplesIn(sink), { 'a{}': [1] });
  const off = { reason: 'native_histograms_off' };
  assert.deepEqual(
    ['histograms', 'exemplars'].map((kind) => stage.value(`${kind}_dropped_total`, off)),
    [2, 1],
  );
  assert.equal(stage.value('exemplars_total'), 1);
});

test('of two values of one series and time the first leaves: in one batch, in several, and made so by rules', async (t) => {
  const sink = await startSink(t);
  const rule = 'write_relabel_config {\naction = "labeldrop"\nregex = "pod"\n}';
  const stage = start(t, endpoint(sink, 'min_shards = 4', rule));
  const of = (pod: string, value: number, ms: number) => series({ __name__: 'a', pod }, [value], ms);
  const other = (value: number) => series({ __name__: 'b' }, [value], value);
  void stage.consume(promBatch([of('1', 10, 5), of('2', 20, 5), other(1)]));
  void stage.consume(promBatch([of('3', 30, 5), of('1', 11, 6), other(2)]));
  // The very same again is no conflict.
  void stage.consume(promBatch([of('1', 11, 6)]));
  // Late is not repeated: there are servers that take it.
  void stage.consume(promBatch([of('1', 9, 4)]));
  await stage.ctx.clock.advance(5000);
  await stage.when(() => stage.held() === 0);
  assert.deepEqual(samplesIn(sink), { 'a{}': [10, 11, 9], 'b{}': [1, 2] });
  assert.equal(stage.value('samples_dropped_total', { reason: 'duplicate' }), 2);
  assert.equal(stage.lost('duplicate'), 2);
  assert.equal(stage.value('samples_dropped_total', { reason: 'repeated' }), 1);
  assert.equal(stage.ctx.log.lines.filter(({ message }) => message.includes('service.instance.id')).length, 1);
});

test('metadata: each family once every send_interval, the last that was said about it', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, '', 'metadata_config {\nsend_interval = "20s"\nmax_samples_per_send = 2\n}'));
  const family = (name: string, help: string): object => ({ type: 1, metricFamilyName: name, help });
  void stage.consume(
    promBatch(
      [series({ __name__: 'a' }, [1])],
      ['a', 'b', 'c'].map((name) => family(name, 'old')),
    ),
  );
  void stage.consume(promBatch([series({ __name__: 'a' }, [2])], [family('a', 'new')]));
  await stage.ctx.clock.advance(5000);
  await stage.when(() => stage.held() === 0);
  assert.deepEqual(decodeWriteRequest(sink.accepted[0].bytes)['metadata'] ?? [], []);
  const told = (from: number): Record<string, unknown> =>
    Object.fromEntries(
      sink.accepted.slice(from).flatMap(({ bytes }) => {
        const { metadata } = decodeWriteRequest(bytes) as unknown as {
          metadata: { metricFamilyName: string; help: string }[];
        };
        return metadata.map(({ metricFamilyName, help }) => [metricFamilyName, help]);
      }),
    );
  await stage.ctx.clock.advance(15_000);
  await stage.when(() => stage.value('metadata_total') === 3);
  assert.deepEqual(told(1), { a: 'new', b: 'old', c: 'old' });
  assert.equal(sink.accepted.length, 3, 'two and one');
  await stage.ctx.clock.advance(20_000);
  await stage.when(() => stage.value('metadata_total') === 6);
  assert.deepEqual(told(3), { a: 'new', b: 'old', c: 'old' });
});

test('metadata that the endpoint does not want now is tried again, what it rejects is not', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, 'min_backoff = "10ms"', 'metadata_config {\nsend_interval = "1s"\n}'));
  void stage.consume(promBatch([series({ __name__: 'a' }, [1])], [{ type: 1, metricFamilyName: 'a', help: 'h' }]));
  sink.script({ kind: 'http', status: 500 });
  await stage.ctx.clock.advance(1000);
  await stage.when(() => stage.value('metadata_retried_total') === 1);
  await stage.ctx.clock.advance(10);
  await stage.when(() => stage.value('metadata_total') === 1);
  sink.script({ kind: 'http', status: 400, body: 'no metadata here' });
  await stage.ctx.clock.advance(990);
  await stage.when(() => stage.value('metadata_failed_total') === 1);
  assert.ok(stage.ctx.log.lines.some(({ message }) => message === 'metadata was rejected'));
});

test('no metadata where it is switched off', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, '', 'metadata_config {\nsend = false\n}'));
  void stage.consume(promBatch([series({ __name__: 'a' }, [1])], [{ type: 1, metricFamilyName: 'a' }]));
  await stage.ctx.clock.advance(5000);
  await stage.when(() => stage.held() === 0);
  await stage.ctx.clock.advance(180_000);
  assert.equal(sink.requests.length, 1);
});

test('samples that are too old are not sent and are counted, also those that became so while they waited', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, 'sample_age_limit = "1m"\nmax_backoff = "30s"\nmin_backoff = "30s"'));
  const at = (age: number): number => NOW - age * 1000;
  void stage.consume(
    promBatch([
      series({ __name__: 'mixed' }, [1, 2], at(60) - 1),
      { ...series({ __name__: 'old' }, [3], at(100)), histograms: [{ ...HISTOGRAM, timestamp: at(100) }] },
      series({ __name__: 'ageing' }, [4], at(40)),
      series({ __name__: 'young' }, [5], at(0)),
    ]),
  );
  assert.equal(stage.value('samples_dropped_total', { reason: 'too_old' }), 2);
  assert.equal(stage.value('histograms_dropped_total', { reason: 'native_histograms_off' }), 1);
  assert.equal(stage.lost('too_old'), 2);
  sink.script({ kind: 'http', status: 503 });
  await stage.ctx.clock.advance(0);
  // The deadline first, which makes the second one of `mixed` too old.
  await stage.ctx.clock.advance(5000);
  await stage.when(() => stage.value('samples_retried_total') > 0);
  await stage.ctx.clock.advance(30_000);
  await stage.when(() => stage.held() === 0);
  assert.deepEqual(samplesIn(sink), { 'young{}': [5] });
  assert.equal(stage.lost('too_old'), 4);
  assert.equal(stage.value('samples_total'), 1);
});

test('a request in which everything has become too old is not sent', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, 'sample_age_limit = "2s"'));
  void stage.consume(promBatch([series({ __name__: 'a' }, [1], NOW)]));
  await stage.ctx.clock.advance(5000);
  await stage.when(() => stage.held() === 0);
  assert.equal(sink.requests.length, 0);
  assert.equal(stage.lost('too_old'), 1);
  await stage.part.stop(10);
  assertSettled(stage);
});

test('who the client is: every form of it', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'secret');
  writeFileSync(file, ' from-file\n');
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  const forms: readonly [string, string][] = [
    ['basic_auth {\nusername = "u"\npassword = "p"\n}', basic('u:p')],
    [`basic_auth {\nusername = "u"\npassword_file = "${file}"\n}`, basic('u:from-file')],
    ['bearer_token = "token"', 'Bearer token'],
    [`bearer_token_file = "${file}"`, 'Bearer from-file'],
    ['authorization {\ntype = "Key"\ncredentials = "c"\n}', 'Key c'],
    ['headers = { "Authorization" = "Own way" }', 'Own way'],
  ];
  for (const [form, wanted] of forms) {
    const sink = await startSink(t);
    const stage = start(
      t,
      endpoint(sink, 'max_samples_per_send = 1', `${form}\nhttp_headers = { "X-Secret" = ["s"] }`),
    );
    void stage.consume(promBatch([series({ __name__: 'a' }, [1])]));
    await stage.when(() => stage.held() === 0);
    const { headers } = sink.accepted[0];
    assert.deepEqual([headers['authorization'], headers['x-secret']], [wanted, 's'], form);
  }
});

test('TLS with an authority of its own; a certificate nobody vouches for is not talked to', async (t) => {
  const authority = new CertificateAuthority('test authority');
  const sink = await startSink(t, { tls: authority.issue() });
  const trusting = `tls_config {\nca_pem = ${JSON.stringify(authority.cert)}\nserver_name = "localhost"\n}`;
  const good = start(t, endpoint(sink, 'max_samples_per_send = 1', trusting));
  void good.consume(promBatch([series({ __name__: 'a' }, [1])]));
  await good.when(() => good.value('samples_total') === 1);
  const bad = start(t, endpoint(sink, 'max_samples_per_send = 1'));
  void bad.consume(promBatch([series({ __name__: 'b' }, [1])]));
  await bad.when(() => bad.value('samples_retried_total') === 1);
  assert.deepEqual(samplesIn(sink), { 'a{}': [1] });
});

test('connections are used again', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, 'max_samples_per_send = 1'));
  for (let i = 0; i < 5; i++) void stage.consume(promBatch([series({ __name__: 'a' }, [i])]));
  await stage.when(() => stage.held() === 0);
  // The second request may be ready before the connection of the first is seen to be free.
  assert.ok(sink.httpConnections <= 2, String(sink.httpConnections));
});

test('bytes that are no series are refused whole; a series with unreadable labels is dropped and counted', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink));
  const good = promBatch([series({ __name__: 'a' }, [1])]);
  for (const bad of ['0aff', '0a03120508', '1aff', '1a021205'])
    assert.equal(
      stage.consume({ ...good, bytes: Buffer.concat([good.bytes, Buffer.from(bad, 'hex')]) }),
      Outcome.malformed,
      bad,
    );
  assert.equal(stage.held(), 0);
  const renaming = start(t, `external_labels = { x = "y" }\n${endpoint(sink)}`);
  const sample = Buffer.from('1209090000000000000040', 'hex');
  const content = Buffer.concat([Buffer.from('0a020aff', 'hex'), sample]);
  const bytes = Buffer.concat([good.bytes, Buffer.from([0x0a, content.length]), content]);
  assert.equal(renaming.consume({ ...good, bytes, items: 2 }), Outcome.accepted);
  assert.equal(renaming.lost('malformed'), 1);
  assert.equal(renaming.held(), 1);
});

test('without an endpoint series are discarded, and the log says so', (t) => {
  const stage = start(t, '');
  assert.equal(stage.consume(promBatch([series({ __name__: 'a' }, [1])])), Outcome.accepted);
  assert.deepEqual(
    stage.ctx.log.lines.map(({ level }) => level),
    ['warn'],
  );
});

test('the wal block is remarked upon once, by one worker', async (t) => {
  const sink = await startSink(t);
  const text = `${endpoint(sink)}\nwal { }`;
  const stage = start(t, text);
  stage.update(text);
  assert.equal(stage.ctx.log.lines.filter(({ message }) => message.includes('wal')).length, 1);
  assert.deepEqual(start(t, text, { index: 1, count: 2 }).ctx.log.lines, []);
});
