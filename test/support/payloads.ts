/**
 * Seeded OTLP requests that look like real traffic: about 430 bytes a span at 512 spans, 10 attributes, a fifth of the spans
 * with events, 3 % with links, 200 open traces interleaved. Encoded by the oracle. The same options give the same bytes.
 */
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { encodeRequest } from './otlp-proto.ts';

export interface PayloadOptions {
  /** Spans, data points or log records in the request. Default 512. */
  readonly items?: number;
  /** Resource entries. Default 4. */
  readonly resources?: number;
  readonly seed?: number;
}

export interface TraceOptions extends PayloadOptions {
  /** The same as `items`. */
  readonly spans?: number;
}

type Value = { readonly [kind: string]: unknown };
interface Attribute {
  readonly key: string;
  readonly value: Value;
}
interface Trace {
  readonly id: Buffer;
  readonly start: bigint;
  left: number;
  last: Buffer | null;
}

const text = (v: string): Value => ({ stringValue: v });
const int = (v: number): Value => ({ intValue: v });
const attribute = (key: string, value: Value): Attribute => ({ key, value });

const SERVICES = [
  'frontend',
  'checkoutservice',
  'cartservice',
  'productcatalog',
  'currency',
  'payment',
  'shipping',
  'email',
  'recommendation',
  'adservice',
  'quoteservice',
  'accounting',
  'frauddetection',
  'imageprovider',
  'loadgenerator',
  'featureflags',
];
const ROUTES = [
  '/api/products/{id}',
  '/api/cart',
  '/api/checkout',
  '/api/recommendations',
  '/api/currency',
  '/api/data',
  '/health',
];
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'];
const STATEMENTS = [
  'SELECT id, name, description, picture, price_currency, price_units FROM products WHERE id = $1',
  'INSERT INTO orders (order_id, user_id, total) VALUES ($1,$2,$3)',
  'UPDATE cart SET qty = $1 WHERE user_id = $2 AND sku = $3',
  'HGETALL session',
];
const SCOPES = [
  '@opentelemetry/instrumentation-http',
  'io.opentelemetry.tomcat-10.0',
  'go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc',
  'opentelemetry.instrumentation.psycopg2',
];
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36',
  'python-requests/2.31.0',
  'Go-http-client/1.1',
];
const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.26.0';
const EPOCH_NS = 1_769_000_000_000_000_000n;
const OPEN_TRACES = 200;

/** One stream of traffic: later requests continue the traces of earlier ones. */
export class PayloadSource {
  #state: number;
  #now = EPOCH_NS;
  readonly #open: Trace[] = [];
  readonly #resources: { readonly attributes: readonly Attribute[] }[];

  constructor(seed = 1) {
    this.#state = Math.imul(seed, 0x9e3779b1) | 1;
    this.#resources = SERVICES.map((name, i) => ({
      attributes: [
        attribute('service.name', text(name)),
        attribute('service.namespace', text('shop')),
        attribute('service.version', text(`1.${i}.3`)),
        attribute('service.instance.id', text(this.bytes(16).toString('hex'))),
        attribute('telemetry.sdk.language', text(this.#pick(['nodejs', 'java', 'go', 'python']))),
        attribute('telemetry.sdk.name', text('opentelemetry')),
        attribute('telemetry.sdk.version', text('1.30.1')),
        attribute('host.name', text(`ip-10-0-${i}-17.ec2.internal`)),
        attribute('k8s.pod.name', text(`${name}-7d9f8b6c5-${this.bytes(3).toString('hex')}`)),
        attribute('k8s.namespace.name', text('prod')),
        attribute('process.pid', int(this.#between(1, 40_000))),
      ],
    }));
  }

  traces(items = 512, resources = 4): Buffer {
    return encodeRequest(TRACES, {
      resourceSpans: this.#entries(items, resources, 'scopeSpans', (n) => ({
        spans: this.#times(n, () => this.#span()),
      })),
    });
  }

  metrics(items = 512, resources = 4): Buffer {
    return encodeRequest(METRICS, {
      resourceMetrics: this.#entries(items, resources, 'scopeMetrics', (n) => ({ metrics: this.#metrics(n) })),
    });
  }

  logs(items = 512, resources = 4): Buffer {
    return encodeRequest(LOGS, {
      resourceLogs: this.#entries(items, resources, 'scopeLogs', (n) => ({
        logRecords: this.#times(n, () => this.#logRecord()),
      })),
    });
  }

  /** `n` random bytes of this stream. */
  bytes(n: number): Buffer {
    const out = Buffer.alloc(n);
    for (let i = 0; i < n; i++) out[i] = this.#random() * 256;
    return out;
  }

  // xorshift32: enough for test data, and the same on every Node version
  #random(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) / 4294967296;
  }

  #between(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1));
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#between(0, from.length - 1)];
  }

  #times<T>(n: number, make: () => T): T[] {
    return Array.from({ length: n }, make);
  }

  #entries(items: number, resources: number, scopeField: string, fill: (n: number) => object): object[] {
    this.#now += 50_000_000n;
    const entries: object[] = [];
    const firstService = this.#between(0, SERVICES.length - 1);
    let left = items;
    for (let r = 0; r < resources && left > 0; r++) {
      const mine = r === resources - 1 ? left : Math.min(left, Math.max(1, Math.round(items / resources)));
      left -= mine;
      const scopeCount = Math.min(mine, this.#between(1, 3));
      const firstScope = this.#between(0, SCOPES.length - 1);
      const scopes: object[] = [];
      let rest = mine;
      for (let s = 0; s < scopeCount; s++) {
        const n = s === scopeCount - 1 ? rest : Math.min(rest, Math.round(mine / scopeCount));
        rest -= n;
        scopes.push({
          scope: { name: SCOPES[(firstScope + s) % SCOPES.length], version: '0.57.2' },
          ...fill(n),
          schemaUrl: SCHEMA_URL,
        });
      }
      entries.push({
        resource: this.#resources[(firstService + r) % SERVICES.length],
        [scopeField]: scopes,
        schemaUrl: SCHEMA_URL,
      });
    }
    return entries;
  }

  #span(): object {
    while (this.#open.length < OPEN_TRACES)
      this.#open.push({ id: this.bytes(16), left: this.#between(8, 30), last: null, start: this.#now });
    const slot = this.#between(0, this.#open.length - 1);
    const trace = this.#open[slot];
    const start = trace.start + BigInt(this.#between(0, 5_000_000)) * 1000n;
    const duration = BigInt(Math.floor(Math.exp(this.#random() * 9) * 20)) * 1000n;
    const spanId = this.bytes(8);
    const kind = this.#between(1, 5);
    const span = {
      traceId: trace.id,
      spanId,
      startTimeUnixNano: start.toString(),
      endTimeUnixNano: (start + duration).toString(),
      kind,
      flags: 257,
      ...(trace.last !== null && this.#random() < 0.95 ? { parentSpanId: trace.last } : {}),
      ...(kind === 2 ? this.#httpServer() : kind === 3 ? this.#databaseClient() : this.#rpc()),
      ...(this.#random() < 0.2 ? { events: this.#times(this.#between(1, 2), () => this.#event(start)) } : {}),
      ...(this.#random() < 0.03 ? { links: [{ traceId: this.bytes(16), spanId: this.bytes(8) }] } : {}),
    };
    if (trace.last === null || this.#random() < 0.5) trace.last = spanId;
    if (--trace.left <= 0) this.#open.splice(slot, 1);
    return span;
  }

  #httpServer(): object {
    const method = this.#pick(METHODS);
    const route = this.#pick(ROUTES);
    const status = this.#random() < 0.02 ? 500 : this.#random() < 0.05 ? 404 : 200;
    return {
      name: `${method} ${route}`,
      attributes: [
        attribute('http.request.method', text(method)),
        attribute('http.route', text(route)),
        attribute('url.path', text(route.replace('{id}', this.bytes(5).toString('hex')))),
        attribute('url.scheme', text('http')),
        attribute('http.response.status_code', int(status)),
        attribute('server.address', text(`${this.#pick(SERVICES)}.prod.svc.cluster.local`)),
        attribute('server.port', int(8080)),
        attribute('network.protocol.version', text('1.1')),
        attribute('user_agent.original', text(this.#pick(AGENTS))),
        attribute('client.address', text(`10.0.${this.#between(0, 255)}.${this.#between(0, 255)}`)),
      ],
      ...(status === 500 ? { status: { code: 2, message: 'Internal Server Error' } } : {}),
    };
  }

  #databaseClient(): object {
    const statement = this.#pick(STATEMENTS);
    const operation = statement.split(' ')[0];
    return {
      name: `${operation} shop`,
      attributes: [
        attribute('db.system', text(this.#pick(['postgresql', 'redis', 'mysql']))),
        attribute('db.name', text('shop')),
        attribute('db.statement', text(statement)),
        attribute('db.operation', text(operation)),
        attribute('db.user', text('app')),
        attribute('net.peer.name', text('pg-main.prod.svc')),
        attribute('net.peer.port', int(5432)),
        attribute('thread.id', int(this.#between(1, 200))),
        attribute('thread.name', text(`pool-3-thread-${this.#between(1, 32)}`)),
      ],
    };
  }

  #rpc(): object {
    return {
      name: this.#pick(['PlaceOrder', 'hipstershop.CartService/GetCart', 'orders process', 'render', 'validate']),
      attributes: [
        attribute('rpc.system', text('grpc')),
        attribute('rpc.service', text('hipstershop.CartService')),
        attribute('rpc.method', text('GetCart')),
        attribute('rpc.grpc.status_code', int(0)),
        attribute('app.user.id', text(this.bytes(16).toString('hex'))),
        attribute('app.cart.items', int(this.#between(0, 20))),
        attribute('app.flag', { boolValue: this.#random() < 0.5 }),
        attribute('thread.name', text(`worker-${this.#between(1, 32)}`)),
        attribute('app.amount', { doubleValue: this.#random() * 100 }),
        attribute('messaging.destination.name', text('orders')),
      ],
      ...(this.#random() < 0.03 ? { status: { code: 2, message: 'deadline exceeded' } } : {}),
    };
  }

  #event(start: bigint): object {
    return {
      timeUnixNano: (start + 1000n).toString(),
      name: this.#pick(['message', 'exception', 'cache.miss']),
      attributes: [
        attribute('message.type', text('SENT')),
        attribute('message.uncompressed_size', int(this.#between(10, 9000))),
      ],
    };
  }

  /** `points` data points over as many metrics as needed, all five kinds in turn. */
  #metrics(points: number): object[] {
    const metrics: object[] = [];
    let kind = this.#between(0, 4);
    for (let left = points; left > 0; kind = (kind + 1) % 5) {
      const n = Math.min(left, this.#between(1, 8));
      left -= n;
      metrics.push(this.#metric(kind, n));
    }
    return metrics;
  }

  #metric(kind: number, points: number): object {
    const head = { description: 'Duration of requests handled by the service.', unit: 's' };
    const times = { startTimeUnixNano: EPOCH_NS.toString(), timeUnixNano: this.#now.toString() };
    const attributes = (): Attribute[] => [
      attribute('http.route', text(this.#pick(ROUTES))),
      attribute('http.response.status_code', int(this.#pick([200, 404, 500]))),
      attribute('series', text(this.bytes(4).toString('hex'))),
    ];
    const exemplars = (): object[] =>
      this.#random() < 0.3
        ? [
            {
              timeUnixNano: this.#now.toString(),
              asDouble: this.#random(),
              spanId: this.bytes(8),
              traceId: this.bytes(16),
              filteredAttributes: [attribute('user', text('u1'))],
            },
          ]
        : [];
    const counts = (n: number): number[] => this.#times(n, () => this.#between(0, 300));
    const dataPoints = (make: () => object): object[] =>
      this.#times(points, () => ({ ...times, attributes: attributes(), ...make() }));
    switch (kind) {
      case 0:
        return {
          ...head,
          name: 'process.memory.usage',
          gauge: { dataPoints: dataPoints(() => ({ asDouble: this.#random() * 1e9 })) },
        };
      case 1:
        return {
          ...head,
          name: 'http.server.requests',
          sum: {
            aggregationTemporality: 2,
            isMonotonic: true,
            dataPoints: dataPoints(() => ({ asInt: this.#between(0, 1e9), exemplars: exemplars() })),
          },
        };
      case 2:
        return {
          ...head,
          name: 'http.server.duration',
          histogram: {
            aggregationTemporality: 2,
            dataPoints: dataPoints(() => ({
              count: 900,
              sum: this.#random() * 90,
              bucketCounts: counts(6),
              explicitBounds: [0.01, 0.1, 0.5, 1, 5],
              min: 0.001,
              max: 9,
              exemplars: exemplars(),
            })),
          },
        };
      case 3:
        return {
          ...head,
          name: 'rpc.client.duration',
          exponentialHistogram: {
            aggregationTemporality: 1,
            dataPoints: dataPoints(() => ({
              count: 500,
              sum: this.#random() * 90,
              scale: -2,
              zeroCount: 3,
              zeroThreshold: 1e-6,
              min: 0,
              max: 20,
              positive: { offset: -4, bucketCounts: counts(5) },
              negative: { offset: 1, bucketCounts: counts(2) },
              exemplars: exemplars(),
            })),
          },
        };
      default:
        return {
          ...head,
          name: 'gc.pause',
          summary: {
            dataPoints: dataPoints(() => ({
              count: 10,
              sum: 1.5,
              quantileValues: [
                { quantile: 0.5, value: 0.1 },
                { quantile: 0.99, value: this.#random() },
              ],
            })),
          },
        };
    }
  }

  #logRecord(): object {
    return {
      timeUnixNano: this.#now.toString(),
      observedTimeUnixNano: (this.#now + 1000n).toString(),
      severityNumber: this.#pick([5, 9, 9, 9, 13, 17]),
      severityText: 'INFO',
      body:
        this.#random() < 0.8
          ? text(`request ${this.bytes(6).toString('hex')} handled in ${this.#between(1, 900)} ms`)
          : {
              kvlistValue: {
                values: [
                  attribute('event', text('checkout')),
                  attribute('items', { arrayValue: { values: [int(1), text('two'), { doubleValue: 3.5 }] } }),
                ],
              },
            },
      attributes: [
        attribute('logger.name', text('com.shop.CheckoutController')),
        attribute('thread.id', int(this.#between(1, 64))),
        attribute('log.id', text(this.bytes(8).toString('hex'))),
      ],
      ...(this.#random() < 0.7 ? { traceId: this.bytes(16), spanId: this.bytes(8), flags: 1 } : {}),
      ...(this.#random() < 0.1 ? { eventName: 'shop.checkout' } : {}),
    };
  }
}

export function makeTraces(options: TraceOptions = {}): Buffer {
  return new PayloadSource(options.seed).traces(options.spans ?? options.items, options.resources);
}

export function makeMetrics(options: PayloadOptions = {}): Buffer {
  return new PayloadSource(options.seed).metrics(options.items, options.resources);
}

export function makeLogs(options: PayloadOptions = {}): Buffer {
  return new PayloadSource(options.seed).logs(options.items, options.resources);
}
