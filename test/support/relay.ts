/**
 * A TCP relay on 127.0.0.1 in front of a server, which can fall silent (a lost route: connections stay open, nothing
 * passes) or act as an HTTP CONNECT proxy.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Relay {
  readonly port: number;
  /** Connections accepted so far. */
  readonly connections: number;
  /** Request heads that the proxy has read, in order; empty for a plain relay. */
  readonly heads: readonly string[];
  /** From now on nothing passes on the connections that are open. */
  freeze(): void;
  close(): Promise<void>;
}

/** Passes every connection on to `port`. */
export function startRelay(port: number): Promise<Relay> {
  return start((client, join) => join(client, port));
}

/** Answers CONNECT with `status` and, if that is 200, passes on to the port that was asked for, whatever the host. */
export function startConnectProxy(status = 200): Promise<Relay> {
  return start((client, join, heads) => {
    let head = '';
    const read = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      client.off('data', read);
      client.pause();
      heads.push(head.slice(0, end));
      client.write(`HTTP/1.1 ${status} said so\r\n\r\n`);
      if (status === 200) join(client, Number(/^CONNECT \S+:(\d+) /.exec(head)?.[1]));
      else client.end();
    };
    client.on('data', read);
  });
}

type Join = (client: Socket, port: number) => void;

async function start(accept: (client: Socket, join: Join, heads: string[]) => void): Promise<Relay> {
  const open = new Set<Socket>();
  const frozen = new Set<Socket>();
  const heads: string[] = [];
  let connections = 0;
  const track = (socket: Socket): void => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };
  const pass = (from: Socket, to: Socket): void => {
    from.on('data', (chunk) => {
      if (!frozen.has(from)) to.write(chunk);
    });
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.resume();
  };
  const join: Join = (client, port) => {
    const upstream = connect(port, '127.0.0.1');
    track(upstream);
    pass(client, upstream);
    pass(upstream, client);
  };
  const server = createServer({ noDelay: true }, (client) => {
    connections++;
    track(client);
    client.on('error', () => client.destroy());
    accept(client, join, heads);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    heads,
    freeze() {
      for (const socket of open) frozen.add(socket);
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
