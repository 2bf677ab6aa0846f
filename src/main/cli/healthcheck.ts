/** `millrace healthcheck`: is the collector on this machine ready? For Docker's HEALTHCHECK. */
import { plainGet } from '#net/client/plain-get.ts';
import { hostPort, parseAddress, type Address } from '#net/server/listen.ts';
import { environmentName } from './flags.ts';
import { EXIT, type Host } from './host.ts';

const DEFAULT_ADDR = '127.0.0.1:12345';

/** `addr` empty: where the collector listens that has the same environment. Rejects with a MillraceError when nobody answers. */
export async function healthcheck(addr: string, timeoutMs: number, { env, stdout, stderr }: Host): Promise<number> {
  const address = parseAddress(addr || env[environmentName('server.http.listen-addr')] || DEFAULT_ADDR) as Extract<
    Address,
    { kind: 'tcp' }
  >;
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
