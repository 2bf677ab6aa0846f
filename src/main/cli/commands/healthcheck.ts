/** `millrace healthcheck`: is the collector on this machine ready? For Docker's HEALTHCHECK. */
import { isForeign, plainGet } from '#net/client/plain-get.ts';
import { hostPort, parseAddress, type Address } from '#net/server/listen.ts';
import type { Command } from '../command.ts';
import { HELP, LISTEN_ADDR } from '../flags.ts';
import { EXIT, type Host } from '../host.ts';

/** `listenAddr`: what the collector was told to listen on. Rejects with a MillraceError when nobody answers. */
async function ask(listenAddr: string, timeoutMs: number, { stdout, stderr }: Host): Promise<number> {
  const address = parseAddress(listenAddr) as Extract<Address, { kind: 'tcp' }>;
  // A server on every interface is asked on the loopback one.
  const place = `${hostPort(address.host || '127.0.0.1', address.port)}/-/ready`;
  const { status, body } = await plainGet(`http://${place}`, timeoutMs).catch((thrown: unknown) => {
    // Whether the admin server speaks TLS is in its configuration, which is not read here.
    if (isForeign(thrown)) return plainGet(`https://${place}`, timeoutMs);
    throw thrown;
  });
  if (status === 200) {
    stdout(body);
    return EXIT.ok;
  }
  if (status === 401) {
    stderr('Error: the collector runs, but asks for a password: leave /-/ready out in the filter of http.auth\n');
    return EXIT.failed;
  }
  stderr(`Error: not ready (HTTP ${status}): ${body.trim()}\n`);
  return EXIT.failed;
}

export const healthcheck: Command = {
  name: 'healthcheck',
  usage: 'millrace healthcheck [flags]',
  summary: 'Ask a running collector whether it is ready: exit code 0 or 1.',
  flags: [
    LISTEN_ADDR,
    { kind: 'duration', name: 'timeout', default: 3000, defaultText: '3s', doc: 'How long to wait for the answer.' },
    HELP,
  ],
  positionals: { min: 0, max: 0 },
  run: ({ values }, { host }) =>
    ask(values.get('server.http.listen-addr') as string, values.get('timeout') as number, host),
};
