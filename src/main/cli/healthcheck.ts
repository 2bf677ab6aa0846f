/** `millrace healthcheck`: is the collector on this machine ready? For Docker's HEALTHCHECK. */
import { plainGet } from '#net/client/plain-get.ts';
import { hostPort, parseAddress, type Address } from '#net/server/listen.ts';
import { EXIT, type Host } from './host.ts';

/** `listenAddr`: what the collector was told to listen on. Rejects with a MillraceError when nobody answers. */
export async function healthcheck(listenAddr: string, timeoutMs: number, { stdout, stderr }: Host): Promise<number> {
  const address = parseAddress(listenAddr) as Extract<Address, { kind: 'tcp' }>;
  // A server on every interface is asked on the loopback one.
  const { status, body } = await plainGet(
    `http://${hostPort(address.host || '127.0.0.1', address.port)}/-/ready`,
    timeoutMs,
  );
  if (status === 200) {
    stdout(body);
    return EXIT.ok;
  }
  stderr(`Error: not ready (HTTP ${status}): ${body.trim()}\n`);
  return EXIT.failed;
}
