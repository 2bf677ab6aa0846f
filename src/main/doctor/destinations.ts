/** Whether what a configuration sends to has an address and takes connections. Goes over the network. */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { parseGrpcTarget } from '#net/client/grpc-target.ts';
import { errorText } from '#shared/errors.ts';
import { destinationsOf, type Endpoint } from '../graph/endpoints.ts';
import type { Graph } from '../graph/graph.ts';
import type { Finding } from './finding.ts';

const CONNECT_MS = 3000;

/** Each place once, all at the same time. A backend that is not there is a warning: exporters wait for it. */
export async function examineDestinations(graph: Graph): Promise<Finding[]> {
  const places = new Map(destinationsOf(graph).map((one) => [`${one.id} ${one.endpoint}`, one]));
  return Promise.all([...places.values()].map(examineDestination));
}

async function examineDestination({ id, endpoint }: Endpoint): Promise<Finding> {
  const what = `${id} to ${endpoint}`;
  try {
    const place = placeOf(endpoint);
    const at = 'path' in place ? place.path : await addressOf(place.host);
    const socket = connect('path' in place ? { path: place.path } : { host: at, port: place.port });
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_MS) });
    } finally {
      socket.destroy();
    }
    return { state: 'ok', what, found: `${at} takes connections` };
  } catch (thrown) {
    const { name } = thrown as Error;
    const found = name === 'AbortError' ? `no connection within ${CONNECT_MS / 1000} s` : errorText(thrown);
    return { state: 'warn', what, found, advice: 'check the endpoint, the network, and that the backend runs' };
  }
}

function placeOf(endpoint: string): { readonly host: string; readonly port: number } | { readonly path: string } {
  if (!/^https?:\/\//i.test(endpoint)) {
    const target = parseGrpcTarget(endpoint);
    return target.kind === 'unix' ? { path: target.path } : target;
  }
  const { hostname, port, protocol } = new URL(endpoint);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (protocol === 'https:' ? 443 : 80)) };
}

async function addressOf(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (thrown) {
    throw new Error(`the name ${host} has no address (${errorText(thrown)})`, { cause: thrown });
  }
}
