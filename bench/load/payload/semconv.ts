/**
 * Spans as instrumentation by the semantic conventions makes them, sized like the ones behind the published figures of the
 * otel-arrow project: about 810 bytes a span, 141 with gzip and 66 with zstd at their default levels.
 *
 * The three together say what such spans are made of. Requests follow a hundred request shapes of an application in turn,
 * each with its own text: the same text comes again after more than the 32 KiB that gzip looks back, so it pays for it each
 * time, while zstd with its window of megabytes does not. What is new in every span (ids, times) is what zstd is left with.
 */
import { TRACES } from '#shared/signal.ts';
import { encodeRequest } from '#test/support/otlp-proto.ts';
import { int, text, type Attribute } from './attribute.ts';
import { Random } from './random.ts';

/** Shapes in turn: 810 bytes times this is the distance at which text comes again. */
const SHAPES = 96;
const EPOCH_NS = 1_769_000_000_000_000_000n;
const SPANS_PER_TRACE = 10;
const VERBS = ['GET', 'GET', 'POST', 'PUT', 'DELETE'];
const NOUNS = ['orders', 'carts', 'products', 'users', 'payments', 'shipments', 'invoices', 'quotes'];
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64)';

interface Shape {
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly Attribute[];
}

export function semconvRequests(spans: number, count: number): Buffer[] {
  const random = new Random(7);
  const shapes = Array.from({ length: SHAPES }, () => makeShape(random));
  const resource = makeResource(random);
  let made = 0;
  let traceId = random.bytes(16);
  return Array.from({ length: count }, (_, r) => {
    let now = EPOCH_NS + BigInt(r) * 1_000_000_000n;
    return encodeRequest(TRACES, {
      resourceSpans: [
        {
          resource,
          scopeSpans: [
            {
              scope: { name: 'io.opentelemetry.semconv', version: '1.37.0' },
              spans: Array.from({ length: spans }, () => {
                if (made % SPANS_PER_TRACE === 0) traceId = random.bytes(16);
                const shape = shapes[made++ % SHAPES];
                now += BigInt(random.between(1, 200)) * 1000n;
                return {
                  traceId,
                  spanId: random.bytes(8),
                  parentSpanId: random.bytes(8),
                  name: shape.name,
                  kind: shape.kind,
                  startTimeUnixNano: now.toString(),
                  endTimeUnixNano: (now + BigInt(random.between(1000, 900_000)) * 1000n).toString(),
                  attributes: [...shape.attributes, text('http.request.header.x-request-id', random.hex(28))],
                  flags: 257,
                };
              }),
              schemaUrl: 'https://opentelemetry.io/schemas/1.37.0',
            },
          ],
        },
      ],
    });
  });
}

function makeShape(random: Random): Shape {
  const verb = random.pick(VERBS);
  const noun = random.pick(NOUNS);
  const route = `/api/v2/${noun}/{id}/items`;
  const id = random.hex(24);
  return {
    name: `${verb} ${route}`,
    kind: random.between(2, 3),
    attributes: [
      text('http.request.method', verb),
      text('http.route', route),
      text('url.scheme', 'https'),
      text('url.path', `/api/v2/${noun}/${id}/items`),
      text('url.query', `page=${random.between(1, 99)}&size=50&cursor=${random.word(26)}`),
      int('http.response.status_code', random.pick([200, 200, 200, 201, 404, 500])),
      text('server.address', `${noun}.prod.svc.cluster.local`),
      int('server.port', 8443),
      text('client.address', `10.${random.between(0, 255)}.${random.between(0, 255)}.${random.between(1, 254)}`),
      int('client.port', random.between(30_000, 60_000)),
      text('network.protocol.version', '2'),
      text('network.transport', 'tcp'),
      text('user_agent.original', AGENT),
      text('session.id', random.hex(16)),
      text('enduser.id', `user-${random.between(100_000, 999_999)}`),
      text('code.function.name', `com.example.shop.${noun}.Controller.handle${verb}`),
    ],
  };
}

function makeResource(random: Random): { readonly attributes: readonly Attribute[] } {
  return {
    attributes: [
      text('service.name', 'checkout'),
      text('service.namespace', 'shop'),
      text('service.version', '2.14.3'),
      text('service.instance.id', random.hex(32)),
      text('telemetry.sdk.language', 'java'),
      text('telemetry.sdk.name', 'opentelemetry'),
      text('telemetry.sdk.version', '1.54.0'),
      text('host.name', 'ip-10-0-3-17.ec2.internal'),
      text('k8s.pod.name', `checkout-${random.hex(10)}-${random.word(5)}`),
      text('k8s.namespace.name', 'prod'),
    ],
  };
}
