/**
 * The operator's HTTP server. Paths, methods and bodies are Alloy's (grafana/alloy v1.18 `internal/service/http`,
 * `internal/web/api`), so that probes, scrapers and tools made for it work unchanged.
 *
 *     GET       /metrics                              GET  {prefix}                             page
 *     GET       /-/ready  /-/healthy                  GET  {prefix}api/v0/web/components        JSON list
 *     GET POST  /-/reload                             GET  {prefix}api/v0/web/components/ID     JSON detail
 */
import type { HttpExchange } from '#net/server/http.ts';
import { parseAddress } from '#net/server/listen.ts';
import { ReceiveMemory } from '#net/server/receive-memory.ts';
import { NodeHttpServer } from '#net/server/node-http.ts';
import type { Clock } from '#shared/clock.ts';
import { errorText } from '#shared/errors.ts';
import type { Logger } from '#shared/log.ts';
import type { MetricFamily } from '#shared/registry.ts';
import type { ComponentState } from '../graph/controller.ts';
import { componentDetail, componentSummary } from './component-json.ts';
import { negotiate } from './exposition.ts';
import { page, PAGE_POLICY } from './page.ts';

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
  readonly scrape: () => readonly MetricFamily[];
  /** Resolves to null, or to why the configuration was not taken. */
  readonly reload: () => Promise<string | null>;
}

export interface AdminServer {
  /** As bound: `127.0.0.1:12345`, `[::]:12345`. */
  readonly address: string;
  /** Stops listening; requests under way are answered for at most `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: readonly (readonly [string, string])[];
}
type Handler = (exchange: HttpExchange) => Answer | Promise<Answer>;
interface Route {
  readonly methods: readonly string[];
  readonly handle: Handler;
}

const TIMEOUTS = { idleMs: 60_000, readHeaderMs: 10_000, readMs: 30_000, writeMs: 30_000 };

/** Rejects with a MillraceError that names the address when it cannot be bound. */
export async function startAdmin(options: AdminOptions): Promise<AdminServer> {
  const { log, clock } = options;
  const route = router(options);
  const server = new NodeHttpServer({
    who: 'the admin server (--server.http.listen-addr)',
    address: parseAddress(options.listenAddr),
    tls: null,
    timeouts: TIMEOUTS,
    keepAlives: true,
    // No request of this server has a body that anybody reads.
    memory: new ReceiveMemory(0, clock),
    handler: (exchange) => void answer(route, exchange, log),
    log,
    clock,
  });
  const address = await server.start();
  return { address, stop: (deadlineMs) => server.stop(deadlineMs) };
}

async function answer(route: Handler, exchange: HttpExchange, log: Logger): Promise<void> {
  let answered: Answer;
  try {
    answered = await route(exchange);
  } catch (thrown) {
    log.error('admin request failed', { err: errorText(thrown) });
    answered = text(500, 'internal error');
  }
  const { status, contentType, headers = [], body } = answered;
  exchange.answer(status, [['Content-Type', contentType], ['X-Content-Type-Options', 'nosniff'], ...headers], body);
}

/** `--server.http.ui-path-prefix` with a slash at both ends. */
export function uiPrefix(written: string): string {
  return `/${written}/`.replace(/\/+/g, '/');
}

function router(options: AdminOptions): Handler {
  const prefix = uiPrefix(options.uiPathPrefix);
  const api = `${prefix}api/v0/web/components`;
  const routes = new Map<string, Route>([
    [prefix, get(() => home(options, prefix))],
    [api, get(() => json(options.components().map(componentSummary)))],
    ['/metrics', get((exchange) => metrics(options, exchange))],
    ['/-/ready', get(() => (options.ready() ? text(200, 'Alloy is ready.') : text(503, 'Alloy is not ready.')))],
    ['/-/healthy', get(() => healthy(options.components()))],
    ['/-/reload', { methods: ['GET', 'POST'], handle: () => reload(options) }],
  ]);
  if (prefix !== '/')
    routes.set(
      prefix.slice(0, -1),
      get(() => ({ ...text(302, 'Found'), headers: [['Location', prefix]] })),
    );
  const component = (id: string): Route => get(() => detail(options.components(), id));

  return (exchange) => {
    const { method, path } = exchange;
    const route = routes.get(path) ?? (path.startsWith(`${api}/`) ? component(path.slice(api.length + 1)) : undefined);
    if (route === undefined) return notFound();
    if (!route.methods.includes(method)) {
      return {
        ...text(405, `405 method not allowed, supported: [${route.methods.join(' ')}]`),
        headers: [['Allow', route.methods.join(', ')]],
      };
    }
    return route.handle(exchange);
  };
}

const get = (handle: Handler): Route => ({ methods: ['GET', 'HEAD'], handle });
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

function home({ version, config, ready, components }: AdminOptions, uiPrefix: string): Answer {
  return {
    status: 200,
    contentType: 'text/html; charset=utf-8',
    body: page({ version, config, ready: ready(), uiPrefix, components: components() }),
    headers: [['Content-Security-Policy', PAGE_POLICY]],
  };
}

function metrics({ scrape }: AdminOptions, exchange: HttpExchange): Answer {
  const { contentType, render } = negotiate(exchange.header('accept'));
  return { status: 200, contentType, body: render(scrape()) };
}

function healthy(components: readonly ComponentState[]): Answer {
  const names = components.filter(({ health }) => health.state === 'unhealthy').map(({ node }) => node.component.name);
  return names.length === 0
    ? text(200, 'All Alloy components are healthy.')
    : text(500, `unhealthy components: ${names.join(', ')}`);
}

function detail(components: readonly ComponentState[], id: string): Answer {
  const component = components.find(({ node }) => node.id === id);
  return component === undefined ? notFound() : json(componentDetail(component));
}

async function reload({ log, reload: run }: AdminOptions): Promise<Answer> {
  log.info('reload requested via /-/reload endpoint');
  const problem = await run();
  return problem === null ? text(200, 'config reloaded') : text(400, problem);
}
