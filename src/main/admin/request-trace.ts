/** Spans of requests to the admin server (OpenTelemetry semantic conventions for HTTP, stable since 1.23). */
import type { HttpExchange } from '#net/server/http.ts';
import { STATUS } from '../tracing/span-encoder.ts';
import { remoteContext } from '../tracing/trace-context.ts';
import type { Tracer } from '../tracing/tracer.ts';

const IGNORED = (): void => {};

/** Begins the span of a request; call the result with the answer's status. `route` is null for a path that leads nowhere: no span. */
export function traceRequest(tracer: Tracer, exchange: HttpExchange, route: string | null): (status: number) => void {
  if (!tracer.on || route === null) return IGNORED;
  const { method, path } = exchange;
  const remote = remoteContext(exchange.header('traceparent'), exchange.header('tracestate'));
  const nowMs = tracer.stopwatch();
  const startMs = nowMs();
  return (status) => {
    const attributes = {
      'http.request.method': method,
      'http.route': route,
      'url.path': path,
      'http.response.status_code': status,
    };
    const failed = status >= 500;
    tracer.request(
      {
        name: `${method} ${route}`,
        startMs,
        endMs: nowMs(),
        attributes,
        status: failed ? STATUS.error : STATUS.unset,
        message: '',
      },
      remote,
    );
  };
}
