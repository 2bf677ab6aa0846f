/**
 * A Consul agent: its node, data center and metadata, `GET /v1/agent/self`. What the configuration does not say is taken from
 * `CONSUL_HTTP_ADDR`, `CONSUL_HTTP_TOKEN`, `CONSUL_HTTP_SSL`, `CONSUL_HTTP_SSL_VERIFY`, `CONSUL_CACERT` and `CONSUL_NAMESPACE`.
 */
import { DEFAULT_CLIENT_TLS } from '#net/client/default-tls.ts';
import type { Ask } from '../http.ts';
import { found, noMetadata, orNoMetadata, textAt, valueAt, type Detector, type Surroundings } from './detector.ts';

const DEFAULT_ADDRESS = '127.0.0.1:8500';

export const detect: Detector = async ({ env, args: { consul } }) => {
  const { variables } = env;
  const { base, ask } = agent(consul.address || variables['CONSUL_HTTP_ADDR'] || DEFAULT_ADDRESS, variables);
  const token = consul.token?.secret || variables['CONSUL_HTTP_TOKEN'] || '';
  const query = new URLSearchParams();
  if (consul.datacenter !== '') query.set('dc', consul.datacenter);
  const namespace = consul.namespace || variables['CONSUL_NAMESPACE'] || '';
  if (namespace !== '') query.set('ns', namespace);
  const headers: Record<string, string> = token === '' ? {} : { 'x-consul-token': token };
  const url = `${base}/v1/agent/self${query.size === 0 ? '' : `?${query.toString()}`}`;
  const self = await orNoMetadata(env.http.json(url, { ...ask, headers }));
  const node = textAt(self, 'Config', 'NodeName');
  const datacenter = textAt(self, 'Config', 'Datacenter');
  const id = textAt(self, 'Config', 'NodeID');
  if (node === '' || datacenter === '' || id === '')
    throw noMetadata('the answer of the Consul agent lacks NodeName, Datacenter or NodeID in Config');
  return found(
    { 'host.name': node, 'cloud.region': datacenter, 'host.id': id },
    consul.meta
      .map((key) => [key, valueAt(self, 'Meta', key)] as const)
      .filter((pair): pair is readonly [string, string] => typeof pair[1] === 'string'),
  );
};

function agent(address: string, variables: Surroundings['variables']): { readonly base: string; readonly ask: Ask } {
  if (address.startsWith('unix://'))
    return { base: 'http://consul', ask: { socketPath: address.slice('unix://'.length) } };
  const isTls = isTrue(variables['CONSUL_HTTP_SSL']);
  const base = /^https?:\/\//.test(address) ? address.replace(/\/+$/, '') : `${isTls ? 'https' : 'http'}://${address}`;
  const ca = variables['CONSUL_CACERT'] ?? '';
  const tls = {
    ...DEFAULT_CLIENT_TLS,
    ca: ca === '' ? null : { file: ca },
    skipVerify: (variables['CONSUL_HTTP_SSL_VERIFY'] ?? '') !== '' && !isTrue(variables['CONSUL_HTTP_SSL_VERIFY']),
  };
  return { base, ask: { tls } };
}

/** As Go's strconv.ParseBool. */
const isTrue = (text: string | undefined): boolean => ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text ?? '');
