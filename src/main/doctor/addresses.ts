/** Whether what a configuration listens on is free. */
import { createServer } from 'node:net';
import { parseAddress } from '#net/server/listen.ts';
import { errorText, MillraceError } from '#shared/errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Finding } from './machine.ts';

export async function examineAddresses(graph: Graph, adminAddress: string): Promise<Finding[]> {
  const wanted: [what: string, address: string][] = [['admin server', adminAddress]];
  for (const { id, component, args } of graph.nodes)
    if (component.main !== undefined) for (const endpoint of endpointsOf(args)) wanted.push([id, endpoint]);
  const findings: Finding[] = [];
  const seen = new Map<string, string>();
  for (const [what, address] of wanted) {
    const other = seen.get(address);
    const isFixed = !address.endsWith(':0');
    if (other !== undefined && isFixed)
      findings.push({
        state: 'fail',
        what,
        found: `${address} is also that of ${other}`,
        advice: 'give one of them another port',
      });
    else findings.push(await examineAddress(what, address));
    seen.set(address, what);
  }
  return findings;
}

/** The value of every `endpoint` in a receiver's arguments. */
function endpointsOf(args: unknown): string[] {
  if (typeof args !== 'object' || args === null) return [];
  return Object.entries(args).flatMap(([name, value]) =>
    name === 'endpoint' && typeof value === 'string' ? [value] : endpointsOf(value),
  );
}

async function examineAddress(what: string, text: string): Promise<Finding> {
  try {
    const address = parseAddress(text);
    if (address.kind !== 'tcp') return { state: 'ok', what, found: text };
    await new Promise<void>((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen({ host: address.host === '' ? '::' : address.host, port: address.port, exclusive: true }, () =>
        server.close(() => resolve()),
      );
    });
    return { state: 'ok', what, found: `${text} is free` };
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    const advice =
      thrown instanceof MillraceError ? 'write host:port' : 'end what listens there, or choose another port';
    return { state: 'fail', what, found: `${text}: ${errorText(thrown)}`, advice };
  }
}
