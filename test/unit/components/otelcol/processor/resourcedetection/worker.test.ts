import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { component } from '#components/otelcol/processor/resourcedetection/component.ts';
import { create } from '#components/otelcol/processor/resourcedetection/worker.ts';
import type { Batch } from '#components/kit/batch.ts';
import type { WorkerPart } from '#components/kit/component.ts';
import type { Args } from '#components/otelcol/processor/resourcedetection/schema.ts';
import { Outcome } from '#shared/outcome.ts';
import { TRACES } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { surroundedBy, type Place } from '#test/support/detecting.ts';
import { decodeRequest, encodeRequest } from '#test/support/otlp-proto.ts';
import { workerContext, type TestWorkerContext } from '#test/support/worker-context.ts';

const VULTR = 'GET http://169.254.169.254/v1.json';
const vultr = { hostname: 'v', instanceid: '2', region: { regioncode: 'EWR' } };

interface World {
  readonly ctx: TestWorkerContext;
  readonly part: WorkerPart<Args>;
  /** Keys and values of the resources that came out, one text for each batch. */
  readonly out: () => readonly string[];
}

const args = (text: string): Args => argsOf(component.args, `${text}\noutput { }`);

async function world(t: TestContext, text: string, place: Place): Promise<World> {
  const ctx = workerContext('otelcol.processor.resourcedetection.x');
  const { surround } = await surroundedBy(t, place);
  const part = create(args(text), ctx, surround);
  const out = (): string[] =>
    ctx.next.traces.taken.map(({ bytes }) => {
      const { resourceSpans } = decodeRequest(TRACES, bytes) as unknown as {
        resourceSpans: { resource: { attributes: { key: string; value: { stringValue: string } }[] } }[];
      };
      return resourceSpans[0].resource.attributes.map(({ key, value }) => `${key}=${value.stringValue}`).join(' ');
    });
  return { ctx, part, out };
}

function batch(owned = true): Batch {
  const attributes = [{ key: 'host.name', value: { stringValue: 'own' } }];
  const bytes = encodeRequest(TRACES, { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: [{}] }] }] });
  return { signal: TRACES, bytes, items: 1, metadata: null, owned };
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await turn();
};

describe('resourcedetection in a worker', () => {
  test('what comes before the detection is over waits for it, also where the memory is borrowed', async (t) => {
    const answer = Promise.withResolvers<() => void>();
    const place: Place = { routes: { [VULTR]: (r) => answer.resolve(() => r.end(JSON.stringify(vultr))) } };
    const { part, ctx, out } = await world(t, 'detectors = ["vultr"]', place);
    await part.start();
    const borrowed = batch(false);
    const outcome = part.input!.consume(borrowed);
    borrowed.bytes.fill(0);
    (await answer.promise)();
    assert.equal(await outcome, Outcome.accepted);
    assert.equal(part.input!.consume(batch()), Outcome.accepted);
    const wanted = 'host.name=v cloud.provider=vultr cloud.region=ewr host.id=2';
    assert.deepEqual(out(), [wanted, wanted]);
    assert.deepEqual(ctx.reported, [{ state: 'healthy', message: '4 resource attributes detected' }]);
    assert.equal(ctx.meter.value('otelcol_resourcedetection_attributes_detected'), 4);
    assert.equal(
      ctx.meter.value('otelcol_resourcedetection_detector_results_total', { detector: 'vultr', outcome: 'success' }),
      1,
    );
    assert.equal(ctx.meter.value('otelcol_processor_outgoing_items_total'), 2);
    await part.stop(0);
    assert.equal(ctx.clock.pending, 0);
  });

  test('a failure makes the component unhealthy, and data flow with what the others found', async (t) => {
    const variables = { OTEL_RESOURCE_ATTRIBUTES: 'nonsense' };
    const place = { variables, routes: { [VULTR]: vultr } };
    const { part, ctx, out } = await world(
      t,
      'detectors = ["env", "vultr"]\ntimeout = "900ms"\noverride = false',
      place,
    );
    await part.start();
    assert.equal(await part.input!.consume(batch()), Outcome.accepted);
    assert.deepEqual(out(), ['host.name=own cloud.provider=vultr cloud.region=ewr host.id=2']);
    assert.equal(ctx.reported.length, 1);
    assert.equal(ctx.reported[0].state, 'unhealthy');
    assert.match(ctx.reported[0].message, /^resource detection has failed: env: .*there is no "="/);
    assert.deepEqual(
      ctx.log.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields['detector']),
      ['env'],
    );
    assert.equal(
      ctx.meter.value('otelcol_resourcedetection_detector_results_total', { detector: 'env', outcome: 'failure' }),
      1,
    );
  });

  test('a stop ends the detection, and what waits is refused', async (t) => {
    const asked = Promise.withResolvers<void>();
    const { part, ctx } = await world(t, 'detectors = ["vultr"]', { routes: { [VULTR]: () => asked.resolve() } });
    await part.start();
    const outcome = part.input!.consume(batch());
    await asked.promise;
    await part.stop(0);
    assert.equal(await outcome, Outcome.stopping);
    assert.equal(ctx.next.traces.offered.length, 0);
    assert.deepEqual(ctx.reported, []);
    assert.equal(ctx.clock.pending, 0);
  });

  test('an update of override detects nothing anew', async (t) => {
    let asked = 0;
    const place: Place = { routes: { [VULTR]: (r) => (asked++, r.end(JSON.stringify(vultr))) } };
    const { part, out } = await world(t, 'detectors = ["vultr"]', place);
    await part.start();
    await part.input!.consume(batch());
    await part.update(args('detectors = ["vultr"]\noverride = false'));
    await part.input!.consume(batch());
    assert.deepEqual(
      out().map((text) => text.split(' ')[0]),
      ['host.name=v', 'host.name=own'],
    );
    assert.equal(asked, 1);
  });

  test('an update of detectors detects anew; until then the old attributes serve', async (t) => {
    const answer = Promise.withResolvers<() => void>();
    const place: Place = {
      variables: { OTEL_RESOURCE_ATTRIBUTES: 'host.name=env' },
      routes: { [VULTR]: (r) => answer.resolve(() => r.end(JSON.stringify(vultr))) },
    };
    const { part, ctx, out } = await world(t, '', place);
    await part.start();
    await part.input!.consume(batch());
    await part.update(args('detectors = ["vultr"]'));
    assert.equal(part.input!.consume(batch()), Outcome.accepted);
    (await answer.promise)();
    await until(() => ctx.reported.length === 2);
    await part.input!.consume(batch());
    assert.deepEqual(
      out().map((text) => text.split(' ')[0]),
      ['host.name=env', 'host.name=env', 'host.name=v'],
    );
  });

  test('an update during the first detection: what waits is given what the new arguments find', async (t) => {
    const asked = Promise.withResolvers<void>();
    const place: Place = {
      variables: { OTEL_RESOURCE_ATTRIBUTES: 'host.name=env' },
      routes: { [VULTR]: () => asked.resolve() },
    };
    const { part, ctx, out } = await world(t, 'detectors = ["vultr"]', place);
    await part.start();
    const outcome = part.input!.consume(batch());
    await asked.promise;
    await part.update(args(''));
    assert.equal(await outcome, Outcome.accepted);
    assert.deepEqual(out(), ['host.name=env']);
    assert.equal(ctx.reported.length, 1);
    await part.stop(0);
    assert.equal(ctx.clock.pending, 0);
  });
});
