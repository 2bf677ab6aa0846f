/** Counts of real-looking requests are those that one gets by decoding them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TRACES } from '#shared/signal.ts';
import { decodeRequest } from '#test/support/otlp-proto.ts';
import { makeTraces } from '#test/support/payloads.ts';
import { setUp, withHistogram } from './spans.ts';

type Any = Readonly<Record<string, unknown>>;
interface Decoded {
  readonly resourceSpans: readonly {
    readonly resource?: { readonly attributes?: readonly { readonly key: string; readonly value: Any }[] };
    readonly scopeSpans?: readonly { readonly spans?: readonly DecodedSpan[] }[];
  }[];
}
interface DecodedSpan {
  readonly name?: string;
  readonly kind?: number;
  readonly status?: { readonly code?: number };
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly attributes?: readonly { readonly key: string; readonly value: Any }[];
}

const DIMENSIONS = ['http.request.method', 'http.response.status_code', 'app.flag', 'app.cart.items'];
const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const CODES = ['UNSET', 'OK', 'ERROR'];

test('spans are counted as decoded ones are', () => {
  const config = DIMENSIONS.map((name) => `dimension { name = "${name}" }`).join('\n');
  const { offer, harvest } = setUp(withHistogram(config));
  const wanted = new Map<string, [count: number, sumMs: number]>();
  for (let seed = 1; seed <= 30; seed++) {
    const bytes = makeTraces({ seed, spans: 100, resources: 3 });
    offer(bytes, 100);
    for (const { resource, scopeSpans = [] } of (decodeRequest(TRACES, bytes) as unknown as Decoded).resourceSpans) {
      const service = resource?.attributes?.find(({ key }) => key === 'service.name')?.value['stringValue'];
      for (const span of scopeSpans.flatMap(({ spans = [] }) => spans)) {
        const own = DIMENSIONS.map((name) => span.attributes?.find(({ key }) => key === name)?.value);
        const key = JSON.stringify([
          service,
          span.name,
          `SPAN_KIND_${KINDS[span.kind ?? 0]}`,
          `STATUS_CODE_${CODES[span.status?.code ?? 0]}`,
          own.map((value) => value?.['stringValue'] ?? value ?? null),
        ]);
        const ms = Number(BigInt(span.endTimeUnixNano ?? 0) - BigInt(span.startTimeUnixNano ?? 0)) / 1e6;
        const [count, sum] = wanted.get(key) ?? [0, 0];
        wanted.set(key, [count + 1, sum + ms]);
      }
    }
  }
  const got = new Map<string, [count: number, sumMs: number]>();
  for (const { attributes, values } of harvest()) {
    const fixed = ['service.name', 'span.name', 'span.kind', 'status.code'].map((name) => attributes[name]);
    const key = JSON.stringify([...fixed, DIMENSIONS.map((name) => attributes[name] ?? null)]);
    assert.equal(values[0], values[1], 'calls and durations');
    const [count, sum] = got.get(key) ?? [0, 0];
    got.set(key, [count + values[0], sum + values[2]]);
  }
  assert.deepEqual([...got.keys()].toSorted(), [...wanted.keys()].toSorted());
  for (const [key, [count, sum]] of wanted) {
    assert.equal(got.get(key)?.[0], count, key);
    assert.ok(Math.abs((got.get(key)?.[1] ?? NaN) - sum) < 1e-6 * (sum + 1), key);
  }
});
