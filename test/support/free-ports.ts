/**
 * TCP ports of 127.0.0.1 that nobody listens on, chosen by the system. Another process may take one before it is used: who
 * starts a server on them must be ready to ask for others ({@link startCollector} is).
 */
import { createServer, type AddressInfo } from 'node:net';

/** `count` ports, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(
      servers.map(
        (server) =>
          new Promise<number>((resolve, reject) => {
            server.once('error', reject);
            server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
          }),
      ),
    );
  } finally {
    // closed together, after all are bound: the system would hand out a closed one again
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  }
}
