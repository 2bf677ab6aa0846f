/**
 * The operator's HTTP server. Paths, methods and bodies are Alloy's (grafana/alloy v1.18 `internal/service/http`,
 * `internal/web/api`), so that probes, scrapers and tools made for it work unchanged.
 *
 *     GET       /metrics  /metrics/derived         GET  {prefix}                                       page
 *     GET       /-/ready  /-/healthy               GET  {prefix}api/v0/web/components                  JSON list
 *     GET POST  /-/reload                          GET  {prefix}api/v0/web/components/ID               JSON detail
 *                                                  GET  {prefix}api/v0/web/modules/MODULE/components   JSON list
 *
 * The `http` block of the configuration puts TLS and authentication before all of them.
 */
import { isDeepStrictEqual } from 'node:util';
import type { DerivedMetrics } from '#components/kit/component.ts';
import type { Headers, StreamingExchange } from '#net/server/http.ts';
import { parseAddress } from '#net/server/listen.ts';
import { ReceiveMemory } from '#net/server/receive-memory.ts';
import { SwitchingHttpServer, type SwitchedTls } from '#net/server/switching-http.ts';
import type { Clock } from '#shared/clock.ts';
import { errorText } from '#shared/errors.ts';
import type { Logger } from '#shared/log.ts';
import type { Meter } from '#shared/meter.ts';
import type { MetricFamily } from '#shared/registry.ts';
import { adminTls, type HttpSettings } from '../graph/blocks/http.ts';
import type { ComponentState, ModuleState } from '../graph/controller.ts';
import type { Tracer } from '../tracing/tracer.ts';
import { authenticator, CHALLENGE, guardsNothing, type Authenticator } from './basic-auth.ts';
import { describeComponent, listModule, type Running } from './component-api.ts';
import { derivedText, leftOutCounter } from './derived.ts';
import { negotiate } from './exposition.ts';
import { page, PAGE_POLICY } from './page.ts';
import { traceRequest } from './request-trace.ts';

export interface AdminOptions {
  /** `host:port`, as in `--server.http.listen-addr`; an empty host is every interface. */
  readonly listenAddr: string;
  /** `--server.http.ui-path-prefix` */
  readonly uiPathPrefix: string;
  readonly version: string;
  /** Path of the configuration, for the page. */
  readonly config: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly ready: () => boolean;
  readonly components: () => readonly ComponentState[];
  readonly modules: () => readonly ModuleState[];
  readonly scrape: () => readonly MetricFamily[];
  /** What `/metrics/derived` shows. */
  readonly derived: () => readonly DerivedMetrics[];
  /** Brings what workers have counted to `derived`; a scrape waits for it. */
  readonly beforeDerived?: () => Promise<void>;
  /** Counts what the admin server leaves out. */
  readonly meter: Meter;
  /** Resolves to null, or to why the configuration was not taken. */
  readonly reload: () => Promise<string | null>;
  /** The `http` block to begin with. */
  readonly settings: HttpSettings;
  readonly tracer: Tracer;
}

export interface AdminServer {
  /** As bound: `127.0.0.1:12345`, `[::]:12345`. */
  readonly address: string;
  /**
   * Brings another `http` block into force while it serves; files that it names are read again. Throws a MillraceError when it
   * cannot; the present one stays then.
   */
  update(settings: HttpSettings): void;
  /** Stops listening; requests under way are answered for at most `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  /** As a function: its next piece, null at its end. */
  readonly body: string | (() => string | null);
  readonly headers?: readonly (readonly [string, string])[];
}
type Handler = (exchange: StreamingExchange) => Answer | Promise<Answer>;
interface Route {
  /** With what stands for ids: how traces name it. */
  readonly pattern: string;
  readonly methods: readonly string[];
  readonly handle: Handler;
}

const FAILED = 'admin request failed';
const TIMEOUTS = { idleMs: 60_000, readHeaderMs: 10_000, readMs: 30_000, writeMs: 30_000 };

/** Rejects with a MillraceError that names the address when it cannot be bound, or what is wrong with the certificate. */
export async function startAdmin(options: AdminOptions): Promise<AdminServer> {
  const { log, clock, tracer } = options;
  const route = router(options);
  let { auth } = options.settings;
  let isAllowed = guard(auth, log);
  const handle = async (exchange: StreamingExchange): Promise<void> => {
    const { path } = exchange;
    const found = route(exchange);
    const traced = traceRequest(tracer, exchange, found?.pattern ?? null);
    const allowed = isAllowed(path, exchange.header('authorization'));
    if (!allowed) log.info('failed to authenticate request', { path });
    const { status, contentType, headers = [], body } = allowed ? await answer(found, exchange, log) : unauthorized();
    traced(status);
    const all: Headers = [['Content-Type', contentType], ['X-Content-Type-Options', 'nosniff'], ...headers];
    if (typeof body === 'string') exchange.answer(status, all, body);
    else exchange.stream(status, all, logging(body, log));
  };
  const server = new SwitchingHttpServer({
    who: 'the admin server (--server.http.listen-addr)',
    address: parseAddress(options.listenAddr),
    timeouts: TIMEOUTS,
    keepAlives: true,
    // No request of this server has a body that anybody reads.
    memory: new ReceiveMemory(0, clock),
    handler: (exchange) => void handle(exchange),
    log,
    clock,
  });
  const address = await server.start(tlsOf(options.settings));
  return {
    address,
    update: (settings) => {
      const tls = tlsOf(settings);
      if (server.switchTo(tls)) log.info(`applying ${tls === null ? 'non-TLS' : 'TLS'} config to HTTP server`);
      if (isDeepStrictEqual(auth, settings.auth)) return;
      auth = settings.auth;
      isAllowed = guard(auth, log);
    },
    stop: (deadlineMs) => server.stop(deadlineMs),
  };
}

const tlsOf = ({ tls }: HttpSettings): SwitchedTls | null => (tls === undefined ? null : adminTls(tls));

function guard(auth: HttpSettings['auth'], log: Logger): Authenticator {
  if (guardsNothing(auth))
    log.warn('the admin server asks for no password: http.auth.filter leaves no path to authenticate');
  return authenticator(auth);
}

async function answer(route: Route | null, exchange: StreamingExchange, log: Logger): Promise<Answer> {
  if (route === null) return notFound();
  const { methods, handle } = route;
  if (!methods.includes(exchange.method))
    return {
      ...text(405, `405 method not allowed, supported: [${methods.join(' ')}]`),
      headers: [['Allow', methods.join(', ')]],
    };
  try {
    return await handle(exchange);
  } catch (thrown) {
    log.error(FAILED, { err: errorText(thrown) });
    return text(500, 'internal error');
  }
}

/** A body that tells what kept its next piece from being made. */
function logging(body: () => string | null, log: Logger): () => string | null {
  return () => {
    try {
      return body();
    } catch (thrown) {
      log.error(FAILED, { err: errorText(thrown) });
      throw thrown;
    }
  };
}

/** `--server.http.ui-path-prefix` with a slash at both ends. */
export function uiPrefix(written: string): string {
  return `/${written}/`.replace(/\/+/g, '/');
}

/** Finds the route of a request; null: there is none. */
function router(options: AdminOptions): (exchange: StreamingExchange) => Route | null {
  const prefix = uiPrefix(options.uiPathPrefix);
  const api = `${prefix}api/v0/web/`;
  const running = (): Running => ({ components: options.components(), modules: options.modules() });
  const routes = [
    get(prefix, () => home(options, prefix)),
    get(`${api}components`, () => json(listModule(running(), ''))),
    get('/metrics', (exchange) => metrics(options, exchange)),
    get('/metrics/derived', derivedRoute(options)),
    get('/-/ready', () => (options.ready() ? text(200, 'Alloy is ready.') : text(503, 'Alloy is not ready.'))),
    get('/-/healthy', () => healthy(options.components())),
    { pattern: '/-/reload', methods: ['GET', 'POST'], handle: () => reload(options) },
  ];
  if (prefix !== '/')
    routes.push(get(prefix.slice(0, -1), () => ({ ...text(302, 'Found'), headers: [['Location', prefix]] })));
  const byPath = new Map<string, Route>(routes.map((route) => [route.pattern, route]));
  const component = get(`${api}components/{id}`, ({ path }) => {
    const found = describeComponent(running(), path.slice(`${api}components/`.length));
    return found === null ? notFound() : json(found);
  });
  const module = get(`${api}modules/{moduleID}/components`, ({ path }) => {
    const list = listModule(running(), path.slice(`${api}modules/`.length, -'/components'.length));
    return list === null ? text(500, 'module not found') : json(list);
  });

  return ({ path }) => {
    const exact = byPath.get(path);
    if (exact !== undefined) return exact;
    if (path.startsWith(`${api}components/`)) return component;
    // An id between the two: `modules/components` has none.
    return path.startsWith(`${api}modules/`) &&
      path.endsWith('/components') &&
      path.length > `${api}modules//components`.length
      ? module
      : null;
  };
}

const get = (pattern: string, handle: Handler): Route => ({ pattern, methods: ['GET', 'HEAD'], handle });
const text = (status: number, line: string): Answer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${line}\n`,
});
const json = (value: unknown): Answer => ({
  status: 200,
  contentType: 'application/json',
  body: JSON.stringify(value),
});
const notFound = (): Answer => text(404, '404 page not found');
const unauthorized = (): Answer => ({
  ...text(401, 'unauthorized'),
  headers: [['WWW-Authenticate', CHALLENGE]],
});

function home({ version, config, ready, components }: AdminOptions, uiPrefix: string): Answer {
  return {
    status: 200,
    contentType: 'text/html; charset=utf-8',
    body: page({ version, config, ready: ready(), uiPrefix, components: components() }),
    headers: [['Content-Security-Policy', PAGE_POLICY]],
  };
}

function metrics({ scrape }: AdminOptions, exchange: StreamingExchange): Answer {
  const { contentType, render } = negotiate(exchange.header('accept'));
  return { status: 200, contentType, body: render(scrape()) };
}

function derivedRoute({ derived, beforeDerived, meter }: AdminOptions): Handler {
  const leftOut = leftOutCounter(meter);
  return async (exchange) => {
    const { contentType, isOpenMetrics } = negotiate(exchange.header('accept'));
    await beforeDerived?.();
    return { status: 200, contentType, body: derivedText(derived(), isOpenMetrics, leftOut) };
  };
}

function healthy(components: readonly ComponentState[]): Answer {
  const names = components.filter(({ health }) => health.state === 'unhealthy').map(({ node }) => node.component.name);
  return names.length === 0
    ? text(200, 'All Alloy components are healthy.')
    : text(500, `unhealthy components: ${names.join(', ')}`);
}

async function reload({ log, reload: run }: AdminOptions): Promise<Answer> {
  log.info('reload requested via /-/reload endpoint');
  const problem = await run();
  return problem === null ? text(200, 'config reloaded') : text(400, problem);
}
