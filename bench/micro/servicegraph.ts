/**
 * otelcol.connector.servicegraph in one worker, beside the same rules written as one would write them: decode, then maps by strings.
 * Both count the same edges, and have to count as many.
 *
 * The requests are a shop's: of 10 spans 4 are of clients, 4 of servers, 2 internal, ten attributes each. Half of the servers'
 * spans are in the request after their client's; one client in ten asks a database, one in fifty never gets an answer.
 */
import type { WorkerPart } from '#components/kit/component.ts';
import { args as schema, type Args } from '#components/otelcol/connector/servicegraph/schema.ts';
import { create } from '#components/otelcol/connector/servicegraph/worker.ts';
import { defaults } from '#config/schema/schema.ts';
import { TRACES } from '#shared/signal.ts';
import { idBytes } from '#test/support/graph-spans.ts';
import { encodeRequest, messageType } from '#test/support/otlp-proto.ts';
import { workerContext } from '#test/support/worker-context.ts';
import type { Case } from './cases.ts';

const STRING_GRAPH = 'service graph by strings';
/** Laps of the same requests: the first half of the next lap meets what the last one left. */
const REQUESTS = 16;
const SERVICES = ['frontend', 'checkoutservice', 'cartservice', 'productcatalog', 'currency', 'payment', 'shipping'];
const ARGS: Args = defaults(schema);
const CALLS = 4;
/** A second's worth of requests. Harvests are rarer than that. */
const HARVEST_CALLS = 1024;

export function serviceGraphCases(spans: number): Case[] {
  const bytes = makeRequests(spans).reduce((sum, request) => sum + request.length, 0) / REQUESTS;
  return [
    { name: 'service graph', spans, bytes, make: () => ours(makeRequests(spans), spans) },
    { name: STRING_GRAPH, spans, bytes, make: () => byStrings(makeRequests(spans)) },
  ];
}

function ours(requests: readonly Buffer[], spans: number): () => void {
  const part = create(ARGS, workerContext('otelcol.connector.servicegraph.bench'));
  let at = 0;
  return () => {
    void part.input?.consume({
      signal: TRACES,
      bytes: requests[at++ % requests.length],
      items: spans,
      metadata: null,
      owned: true,
    });
    if (at % HARVEST_CALLS === 0 && harvest(part) === 0) throw new Error('no edges');
  };
}

function harvest(part: WorkerPart<Args>): number {
  let bytes = 0;
  for (let parcel = part.harvest?.() ?? null; parcel !== null; parcel = part.harvest?.() ?? null)
    bytes += parcel.length;
  return bytes;
}

type Attributes = Readonly<Record<string, string>>;

interface Decoded {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Pair[] };
    readonly scopeSpans: readonly { readonly spans: readonly DecodedSpan[] }[];
  }[];
}
interface Pair {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}
interface DecodedSpan {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly parentSpanId: Buffer;
  readonly kind: number;
  readonly startTimeUnixNano: unknown;
  readonly endTimeUnixNano: unknown;
  readonly attributes: readonly Pair[];
  readonly status: { readonly code: number } | null;
}
interface Edge {
  client: string;
  server: string;
  type: string;
  failed: boolean;
  clientLatency: number;
  serverLatency: number;
}

function byStrings(requests: readonly Buffer[]): () => void {
  const type = messageType('ExportTraceServiceRequest');
  const bounds = ARGS.latency_histogram_buckets.map((ms) => ms / 1000);
  const edges = new Map<string, Edge>();
  const series = new Map<string, { total: number; failed: number; server: number[]; client: number[] }>();
  const find = (attributes: readonly Pair[], key: string): string | undefined =>
    attributes.find((pair) => pair.key === key)?.value.stringValue;
  const observe = (buckets: number[], value: number): void => {
    const at = bounds.findIndex((bound) => value <= bound);
    buckets[at < 0 ? bounds.length : at]++;
  };
  const count = (edge: Edge): void => {
    const key = [edge.client, edge.server, edge.type, edge.failed].join('\0');
    let one = series.get(key);
    if (one === undefined) {
      const empty = (): number[] => Array.from({ length: bounds.length + 1 }, () => 0);
      series.set(key, (one = { total: 0, failed: 0, server: empty(), client: empty() }));
    }
    one.total++;
    if (edge.failed) one.failed++;
    observe(one.server, edge.serverLatency);
    observe(one.client, edge.clientLatency);
  };
  let at = 0;
  return () => {
    const request = type.decode(requests[at]) as unknown as Decoded;
    for (const { resource, scopeSpans } of request.resourceSpans) {
      const service = find(resource.attributes, 'service.name');
      if (service === undefined) continue;
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
        const isClient = span.kind === 3 || span.kind === 4;
        if (!isClient && span.kind !== 2 && span.kind !== 5) continue;
        const id = isClient ? span.spanId : span.parentSpanId;
        const key = `${span.traceId.toString('hex')}-${id.toString('hex')}`;
        const latency = (Number(span.endTimeUnixNano) - Number(span.startTimeUnixNano)) / 1e9;
        const edge = edges.get(key) ?? {
          client: '',
          server: '',
          type: '',
          failed: false,
          clientLatency: 0,
          serverLatency: 0,
        };
        edge.failed ||= span.status?.code === 2;
        if (isClient) {
          edge.client = service;
          edge.clientLatency = latency;
          const database = find(resource.attributes, 'db.name') ?? find(span.attributes, 'db.name');
          if (database !== undefined)
            Object.assign(edge, { type: 'database', server: database, serverLatency: latency });
        } else {
          edge.server = service;
          edge.serverLatency = latency;
        }
        if (edge.client !== '' && edge.server !== '') {
          count(edge);
          edges.delete(key);
        } else edges.set(key, edge);
      }
    }
    if (++at < requests.length) return;
    at = 0;
    if (series.size === 0) throw new Error('no edges');
    series.clear();
  };
}

function makeRequests(spans: number): Buffer[] {
  const perService: object[][][] = Array.from({ length: REQUESTS }, () => SERVICES.map(() => []));
  for (let r = 0; r < REQUESTS; r++) {
    for (let i = 0; i < spans; i++) {
      const n = r * spans + i;
      const place = i % 10;
      const call = Math.floor(n / 10) * CALLS + (place % CALLS);
      const service = (call * 3) % SERVICES.length;
      const callee = (service + 1 + (call % 3)) % SERVICES.length;
      const later = call % 2 === 1 ? (r + 1) % REQUESTS : r;
      if (place >= 2 * CALLS) perService[r][service].push(span(n, { kind: 1 }, { 'code.function': `handle${n % 40}` }));
      else if (place < CALLS) perService[r][service].push(clientSpan(call));
      else if (call % 10 !== 7 && call % 50 !== 13) perService[later][callee].push(serverSpan(call));
      else perService[r][callee].push(span(n, { kind: 1 }, { 'code.function': 'unpaired' }));
    }
  }
  return perService.map((services) =>
    encodeRequest(TRACES, {
      resourceSpans: services.map((list, s) => ({
        resource: {
          attributes: pairs({
            'service.name': SERVICES[s],
            'service.namespace': 'shop',
            'service.version': `1.${s}.3`,
            'telemetry.sdk.language': 'nodejs',
            'host.name': `ip-10-0-${s}-17.ec2.internal`,
            'k8s.pod.name': `${SERVICES[s]}-7d9f8b6c5-x7k2p`,
          }),
        },
        scopeSpans: [{ scope: { name: 'io.opentelemetry.tomcat-10.0', version: '0.57.2' }, spans: list }],
      })),
    }),
  );
}

const clientSpan = (call: number): object =>
  span(
    call,
    { kind: 3, spanId: idBytes(call + 1, 8) },
    call % 10 === 7
      ? { 'db.system': 'postgresql', 'db.name': 'shop', 'db.statement': 'SELECT id, name FROM products WHERE id = $1' }
      : { 'rpc.system': 'grpc', 'rpc.service': 'hipstershop.CartService', 'rpc.method': 'GetCart' },
  );
const serverSpan = (call: number): object =>
  span(
    call,
    { kind: 2, spanId: idBytes(call + 0x4000_0000, 8), parentSpanId: idBytes(call + 1, 8) },
    {
      'http.request.method': 'GET',
      'http.route': '/api/products/{id}',
      'user_agent.original': 'python-requests/2.31.0',
    },
  );

function span(n: number, fields: object, attributes: Attributes): object {
  const startNs = 1_769_000_000_000_000_000n + BigInt(n) * 1000n;
  return {
    traceId: Buffer.concat([
      idBytes(Math.imul(n, 0x9e3779b1) >>> 0, 8),
      idBytes(Math.imul(n >> 3, 0x85ebca6b) >>> 0, 8),
    ]),
    spanId: idBytes(n + 0x2000_0000, 8),
    ...fields,
    name: 'hipstershop.CartService/GetCart',
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(startNs + BigInt((n * 7919) % 900_000) * 1000n),
    attributes: pairs({
      ...attributes,
      'server.address': 'checkout.prod.svc.cluster.local',
      'network.protocol.version': '1.1',
      'thread.name': `worker-${n % 32}`,
      'app.user.id': `user-${n}`,
      'app.flag': 'true',
      'url.scheme': 'http',
      'url.path': `/api/products/${n}`,
    }),
    ...(n % 40 === 3 ? { status: { code: 2, message: 'deadline exceeded' } } : {}),
    flags: 257,
  };
}

const pairs = (attributes: Attributes): object[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: value } }));
