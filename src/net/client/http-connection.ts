/**
 * undici's Client, which is one connection at a time, made to tell each request the socket that it is written to. Nothing
 * else in undici says so, and only the socket knows when the last byte has left (`http-exchange.ts`).
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Agent, Client, Pool, type buildConnector, type Dispatcher } from 'undici';
import { ContinueFilter } from './http-continue.ts';
import { Exchange } from './http-exchange.ts';

type Connect = buildConnector.connector;

/** The socket of a connection as it is now; null before the first and for HTTP/2. */
interface Line {
  readonly socket: Socket;
  readonly filter: ContinueFilter;
}

class HttpConnection extends Client {
  readonly #now: { line: Line | null };

  constructor(origin: string | URL, options: Client.Options, connect: Connect) {
    const now: { line: Line | null } = { line: null };
    super(origin, {
      ...options,
      connect: (target, done) =>
        connect(target, (...[error, socket]) => {
          // Over HTTP/2 several requests share the socket, and the session writes past its queue.
          now.line = error !== null || isHttp2(socket) ? null : { socket, filter: new ContinueFilter(socket) };
          if (error === null) done(null, socket);
          else done(error, null);
        }),
    });
    this.#now = now;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (handler instanceof Exchange) {
      handler.startOn = () => {
        this.#now.line?.filter.expect();
        return this.#now.line?.socket ?? null;
      };
    }
    return super.dispatch(options, handler);
  }
}

const isHttp2 = (socket: Socket | TLSSocket): boolean => 'alpnProtocol' in socket && socket.alpnProtocol === 'h2';

/** An Agent whose connections are made by `connect` and know their socket. */
export function directAgent(options: Agent.Options, connect: Connect): Agent {
  return new Agent({
    ...options,
    factory: (origin, poolOptions: Pool.Options) =>
      new Pool(origin, {
        ...poolOptions,
        factory: (url, clientOptions: Client.Options) => new HttpConnection(url, clientOptions, connect),
      }),
  });
}
