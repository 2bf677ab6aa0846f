/**
 * Surroundings for detectors of otelcol.processor.resourcedetection: one server on 127.0.0.1 stands for every metadata service. It is
 * asked for `http://169.254.169.254/v1.json` at the path `/http%3A%2F%2F169.254.169.254/v1.json`, and answers by `METHOD URL`.
 */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { component } from '#components/otelcol/processor/resourcedetection/component.ts';
import { detectResource, type Detection } from '#components/otelcol/processor/resourcedetection/detection.ts';
import type { Value } from '#components/otelcol/processor/resourcedetection/detectors/detector.ts';
import type { Host } from '#components/otelcol/processor/resourcedetection/host.ts';
import { NearbyHttp } from '#components/otelcol/processor/resourcedetection/http.ts';
import { pause, type Surround } from '#components/otelcol/processor/resourcedetection/surroundings.ts';
import type { DetectorName } from '#components/otelcol/processor/resourcedetection/schema.ts';
import { systemClock, type Clock } from '#shared/clock.ts';
import { argsOf } from './decode-args.ts';
import { RecordingLog } from './recording-log.ts';

/** Text, a JSON document, a status without a body, or whatever a test does. */
export type Route = string | number | object | ((response: ServerResponse) => void);

/** By `METHOD URL`; what is not there is 404. */
export type Routes = Readonly<Record<string, Route>>;

export interface Place {
  readonly variables?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly host?: Partial<Host>;
  readonly routes?: Routes;
}

export interface DetectorCase {
  readonly detector: DetectorName;
  readonly title?: string;
  /** Arguments beside `detectors`. */
  readonly text?: string;
  readonly place: Place;
  readonly gives: Readonly<Record<string, unknown>>;
  /** Headers that have to come with questions, by `METHOD URL`. */
  readonly shows?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Without its source it gives nothing even with `fail_on_missing_metadata`. */
  readonly neverFails?: true;
}

export interface Asked {
  /** `METHOD URL` */
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Surrounded {
  readonly surround: Surround;
  readonly asked: readonly Asked[];
  readonly log: RecordingLog;
}

const noAnswer = async (): Promise<never> => {
  throw new Error('no such name');
};

export const HOST: Host = {
  platform: 'linux',
  arch: 'x64',
  hostname: 'box',
  uname: { type: 'Linux', release: '6.1.0', version: '#1 SMP', machine: 'x86_64' },
  interfaces: () => [],
  dns: { canonicalName: noAnswer, addresses: noAnswer, names: noAnswer },
};

export async function surroundedBy(t: TestContext, place: Place): Promise<Surrounded> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const [, origin, rest] = /^\/([^/]*)(.*)$/.exec(request.url ?? '') ?? [];
    const line = `${request.method} ${decodeURIComponent(origin)}${rest}`;
    asked.push({ line, headers: request.headers });
    const route = place.routes?.[line] ?? 404;
    if (typeof route === 'function') route(response);
    else if (typeof route === 'number') response.writeHead(route).end();
    else response.end(typeof route === 'string' ? route : JSON.stringify(route));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  const { port } = server.address() as AddressInfo;
  const placeOf = (url: URL): URL =>
    new URL(`http://127.0.0.1:${port}/${encodeURIComponent(url.origin)}${url.pathname}${url.search}`);
  const surround: Surround = (signal, clock, log) => ({
    variables: place.variables ?? {},
    file: async (path) => place.files?.[path] ?? null,
    http: new NearbyHttp(signal, placeOf),
    host: { ...HOST, ...place.host },
    pause: (ms) => pause(ms, signal, clock),
    log,
  });
  return { surround, asked, log: new RecordingLog() };
}

/** `text`: arguments but `output`. */
export function detect(
  { surround, log }: Pick<Surrounded, 'surround' | 'log'>,
  text: string,
  clock: Clock = systemClock,
): Promise<Detection> {
  const args = argsOf(component.args, `${text}\noutput { }`);
  return detectResource(args, surround, clock, log, new AbortController().signal);
}

/** Attributes in the order of their names. */
export const plain = ({ attributes }: Pick<Detection, 'attributes'>): Record<string, Value> =>
  Object.fromEntries([...attributes].sort(([a], [b]) => (a < b ? -1 : 1)));
