/**
 * The operator's HTTP server. Paths, methods and bodies are Alloy's (grafana/alloy v1.18 `internal/service/http`,
 * `internal/web/api`), so that probes, scrapers and tools made for it work unchanged.
 *
 *     GET       /metrics                              GET  {prefix}                             page
 *     GET       /-/ready  /-/healthy                  GET  {prefix}api/v0/web/components        JSON list
 *     GET POST  /-/reload                             GET  {prefix}api/v0/web/components/ID     JSON detail
 *                                                     GET  {prefix}api/v0/web/modules/ID/components
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
import { isDeepStrictEqual } from 'node:util';
import { loadServerTls } from '#net/tls/load.ts';
import { splitId } from '#shared/node-id.ts';
import { adminTls, type HttpSettings } from '../graph/blocks/http.ts';
import type { ModuleInstance } from '../graph/graph.ts';
import { HEALTH_STATES, type Health } from '../graph/health.ts';
import { mayUse } from './access.ts';
import {
  componentDetail,
  componentSummary,
  moduleDetail,
  moduleSummary,
  type ComponentJson,
} from './component-json.ts';
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
  readonly modules: () => readonly ModuleInstance[];
  readonly settings: HttpSettings;
  readonly scrape: () => readonly MetricFamily[];
  /** Resolves to null, or to why the configuration was not taken. */
  readonly reload: () => Promise<string | null>;
}

export interface AdminServer {
  /** As bound: `127.0.0.1:12345`, `[::]:12345`. */
  readonly address: string;
  /**
   * New authentication and TLS. Other TLS takes a new listener: for some milliseconds nobody listens. Throws a MillraceError when
   * it cannot be used; all is as before then.
   */
  update(settings: HttpSettings): void;
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

/** Rejects with a MillraceError that names the address when it cannot be bound, or the setting that cannot be used. */
export async function startAdmin(options: AdminOptions): Promise<AdminServer> {
  const server = new Admin(options);
  await server.start();
  return server;
}

/** Time for requests under way when the listener changes. */
const SWITCH_DEADLINE_MS = 5000;

class Admin implements AdminServer {
  readonly #options: AdminOptions;
  readonly #route: Handler;
  #settings: HttpSettings;
  #server: NodeHttpServer;
  #address = '';
  #switching: Promise<void> = Promise.resolve();

  constructor(options: AdminOptions) {
    this.#options = options;
    this.#route = router(options);
    this.#settings = options.settings;
    this.#server = this.#make(options.listenAddr, options.settings);
  }

  get address(): string {
    return this.#address;
  }

  async start(): Promise<void> {
    this.#address = await this.#server.start();
  }

  async stop(deadlineMs: number): Promise<void> {
    await this.#switching;
    await this.#server.stop(deadlineMs);
  }

  update(settings: HttpSettings): void {
    const tls = adminTls(settings);
    if (tls !== null) loadServerTls(tls);
    const changes = !isDeepStrictEqual(settings.tls, this.#settings.tls);
    this.#settings = settings;
    if (changes) this.#switching = this.#switching.then(() => this.#listenAnew());
  }

  /** Requests under way are answered first; the one that asked for the reload may be among them. */
  async #listenAnew(): Promise<void> {
    await this.#server.stop(SWITCH_DEADLINE_MS);
    this.#server = this.#make(this.#address, this.#settings);
    try {
      await this.#server.start();
    } catch (thrown) {
      this.#options.log.error('the admin server could not listen again with its new TLS settings', {
        err: errorText(thrown),
      });
    }
  }

  #make(listenAddr: string, settings: HttpSettings): NodeHttpServer {
    const { log, clock } = this.#options;
    return new NodeHttpServer({
      who: 'the admin server (--server.http.listen-addr)',
      address: parseAddress(listenAddr),
      tls: adminTls(settings),
      timeouts: TIMEOUTS,
      keepAlives: true,
      // No request of this server has a body that anybody reads.
      memory: new ReceiveMemory(0, clock),
      handler: (exchange) => void answer((asked) => this.#permitted(asked), exchange, log),
      log,
      clock,
    });
  }

  #permitted(exchange: HttpExchange): Answer | Promise<Answer> {
    if (mayUse(this.#settings, exchange.path, exchange.header('authorization'))) return this.#route(exchange);
    return { ...text(401, 'Unauthorized'), headers: [['WWW-Authenticate', 'Basic realm="Restricted"']] };
  }
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
    [api, get(() => json(listOf(options, '')))],
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
  const component = (id: string): Route => get(() => detail(options, id));
  const modules = `${prefix}api/v0/web/modules/`;

  const dynamicRoute = (path: string): Route | undefined => {
    if (path.startsWith(`${api}/`)) return component(path.slice(api.length + 1));
    if (!path.startsWith(modules) || !path.endsWith('/components')) return undefined;
    const module = path.slice(modules.length, -'/components'.length);
    return get(() => (options.modules().some(({ id }) => id === module) ? json(listOf(options, module)) : notFound()));
  };

  return (exchange) => {
    const { method, path } = exchange;
    const route = routes.get(path) ?? dynamicRoute(decodePath(path));
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

/** The components and instances that stand in a module; empty: in the configuration itself. */
function listOf({ components, modules }: AdminOptions, module: string): ComponentJson[] {
  const all = components();
  return [
    ...all.filter(({ node }) => splitId(node.id).module === module).map(componentSummary),
    ...modules()
      .filter(({ id }) => splitId(id).module === module)
      .map((instance) => moduleSummary(instance, healthOf(instance.id, all))),
  ];
}

function detail({ components, modules }: AdminOptions, id: string): Answer {
  const all = components();
  const component = all.find(({ node }) => node.id === id);
  if (component !== undefined) return json(componentDetail(component));
  const instance = modules().find((module) => module.id === id);
  return instance === undefined ? notFound() : json(moduleDetail(instance, healthOf(id, all)));
}

/** The gravest health inside a module. */
function healthOf(id: string, all: readonly ComponentState[]): Health {
  const inside = all.filter(({ node }) => node.id.startsWith(`${id}/`)).map(({ health }) => health);
  const gravest = inside.toSorted((a, b) => HEALTH_STATES.indexOf(b.state) - HEALTH_STATES.indexOf(a.state))[0];
  return gravest ?? { state: 'healthy', message: 'an empty module', updatedMs: 0 };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // Not an id of anything.
    return path;
  }
}

async function reload({ log, reload: run }: AdminOptions): Promise<Answer> {
  log.info('reload requested via /-/reload endpoint');
  const problem = await run();
  return problem === null ? text(200, 'config reloaded') : text(400, problem);
}
