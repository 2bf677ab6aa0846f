/**
 * The Docker daemon: name and type of its host, `GET /info` (Docker Engine API) over `/var/run/docker.sock` or what `DOCKER_HOST`,
 * `DOCKER_API_VERSION`, `DOCKER_CERT_PATH` and `DOCKER_TLS_VERIFY` say.
 */
import { join } from 'node:path';
import { DEFAULT_CLIENT_TLS } from '#net/client/default-tls.ts';
import type { Ask } from '../http.ts';
import { found, noMetadata, orNoMetadata, textAt, type Detector, type Surroundings } from './detector.ts';
import { osTypeOf } from './system.ts';

const DEFAULT_SOCKET = 'unix:///var/run/docker.sock';

export const detect: Detector = async ({ env }) => {
  const { base, ask } = daemon(env.variables);
  const { DOCKER_API_VERSION: version = '' } = env.variables;
  const info = await orNoMetadata(env.http.json(`${base}${version === '' ? '' : `/v${version}`}/info`, ask));
  return found({ 'host.name': textAt(info, 'Name'), 'os.type': osTypeOf(textAt(info, 'OSType')) });
};

function daemon(variables: Surroundings['variables']): { readonly base: string; readonly ask: Ask } {
  const address = variables['DOCKER_HOST'] || DEFAULT_SOCKET;
  if (address.startsWith('unix://'))
    return { base: 'http://docker', ask: { socketPath: address.slice('unix://'.length) } };
  if (!address.startsWith('tcp://') && !address.startsWith('http://'))
    throw noMetadata(`DOCKER_HOST is "${address}"; only unix:// and tcp:// addresses can be asked`);
  const host = address.slice(address.indexOf('//') + 2);
  const folder = variables['DOCKER_CERT_PATH'] ?? '';
  if (folder === '') return { base: `http://${host}`, ask: {} };
  const tls = {
    ...DEFAULT_CLIENT_TLS,
    ca: { file: join(folder, 'ca.pem') },
    cert: { file: join(folder, 'cert.pem') },
    key: { file: join(folder, 'key.pem') },
    skipVerify: (variables['DOCKER_TLS_VERIFY'] ?? '') === '',
  };
  return { base: `https://${host}`, ask: { tls } };
}
