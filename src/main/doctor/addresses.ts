/** Whether what a configuration listens on can be bound: all of it at once, as the collector would. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { bind, parseAddress } from '#net/server/listen.ts';
import { MillraceError } from '#shared/errors.ts';
import { listenersOf, type Endpoint } from '../graph/endpoints.ts';
import type { Graph } from '../graph/graph.ts';
import type { Finding } from './finding.ts';

/** Binds each address and lets go of all of them when every one has had its turn. */
export async function examineAddresses(graph: Graph, adminAddress: string): Promise<Finding[]> {
  const wanted: Endpoint[] = [{ id: 'admin server', endpoint: adminAddress, transport: 'tcp' }, ...listenersOf(graph)];
  const held: Server[] = [];
  try {
    const findings: Finding[] = [];
    for (const one of wanted) findings.push(await examineAddress(one, held));
    return findings;
  } finally {
    await Promise.all(held.map((server) => once(server.close(), 'close')));
  }
}

async function examineAddress({ id, endpoint, transport }: Endpoint, held: Server[]): Promise<Finding> {
  const server = createServer((socket) => socket.destroy());
  try {
    await bind(server, parseAddress(endpoint, transport), id);
    held.push(server);
    return { state: 'ok', what: id, found: `${endpoint} is free` };
  } catch (thrown) {
    if (!(thrown instanceof MillraceError)) throw thrown;
    return { state: 'fail', what: id, found: thrown.message.replace(`${id} `, '') };
  }
}
