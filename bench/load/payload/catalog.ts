/** The kinds of requests that scenarios send, by name. */
import { PayloadSource } from '#test/support/payloads.ts';
import { semconvRequests } from './semconv.ts';
import { attributeRequests, testbedRequests } from './testbed.ts';
import { MAX_SPANS, PAYLOADS, workloadOf, type Workload } from './workload.ts';

const SHOP_SEED = 12_345;

/** From spans per request and number of requests to the requests. The same arguments give the same bytes on every machine. */
const MAKERS = {
  shop: shopRequests,
  testbed: testbedRequests,
  'testbed-100x50': (spans, count) => testbedRequests(spans, count, { attributes: 100, bytesEach: 50 }),
  'testbed-10x1000': (spans, count) => testbedRequests(spans, count, { attributes: 10, bytesEach: 1000 }),
  'testbed-20x5000': (spans, count) => testbedRequests(spans, count, { attributes: 20, bytesEach: 5000 }),
  semconv: semconvRequests,
  attributes: attributeRequests,
} as const satisfies Record<string, (spans: number, count: number) => Buffer[]>;

export type PayloadName = keyof typeof MAKERS;
export const PAYLOAD_NAMES = Object.keys(MAKERS) as readonly PayloadName[];

export function makeWorkload(payload: PayloadName, spansPerRequest: number, count = PAYLOADS): Workload {
  if (spansPerRequest < 1 || spansPerRequest > MAX_SPANS) throw new RangeError(`spans per request: 1 to ${MAX_SPANS}`);
  return workloadOf(MAKERS[payload](spansPerRequest, count));
}

/** Our own mixture: 200 interleaved traces of a shop, about 430 bytes a span at 512 spans. */
function shopRequests(spans: number, count: number): Buffer[] {
  const source = new PayloadSource(SHOP_SEED);
  const resources = spans >= 100 ? 4 : 1;
  return Array.from({ length: count }, () => source.traces(spans, resources));
}
