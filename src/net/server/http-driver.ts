/** Chooses the door of an HTTP server (flag `--http.driver`). */
import { MillraceError } from '#shared/errors.ts';
import type { HttpServer, HttpServerOptions } from './http.ts';
import { NodeHttpServer } from './node-http.ts';
import { loadUws, UwsHttpServer, type UwsModule } from './uws.ts';

export type HttpDriver = 'auto' | 'node' | 'uws';

/**
 * `auto` takes uWebSockets.js where it can be loaded, else node:http with one info line that says why; `uws` insists and
 * throws a MillraceError. Listeners with TLS, and unix sockets, always use node:http.
 */
export async function createHttpServer(
  driver: HttpDriver,
  options: HttpServerOptions,
  load: () => Promise<UwsModule | string> = loadUws,
): Promise<HttpServer> {
  if (driver === 'node') return new NodeHttpServer(options);
  const uws = await load();
  if (typeof uws === 'string') {
    if (driver === 'uws') {
      throw new MillraceError(
        'http_driver',
        `--http.driver=uws: ${uws}; install uWebSockets.js (it needs glibc 2.38) or use --http.driver=node`,
      );
    }
    options.log.info('HTTP is served by node:http', { reason: uws });
    return new NodeHttpServer(options);
  }
  if (options.tls !== null || options.address.kind === 'unix') {
    options.log.info('HTTP is served by node:http', {
      reason: `uWebSockets.js is not used for ${options.tls === null ? 'unix sockets' : 'TLS'}`,
    });
    return new NodeHttpServer(options);
  }
  return new UwsHttpServer(uws, options);
}
