/** The API server of the cluster that the collector runs in, and the service account of its pod. */
import { DEFAULT_CLIENT_TLS } from '#net/client/default-tls.ts';
import type { TlsClientSettings } from '#net/tls/settings.ts';
import { MillraceError } from '#shared/errors.ts';
import { noMetadata, type Surroundings } from './detector.ts';

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
export const CA_FILE = `${ACCOUNT}/ca.crt`;
const TOKEN_FILE = `${ACCOUNT}/token`;

/** `https://HOST:PORT` of the environment of every pod. */
export function apiServer({ variables }: Surroundings): string {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = variables;
  if (host === '' || port === '')
    throw noMetadata('KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is not a pod of a cluster');
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

export async function accountToken(env: Surroundings): Promise<string> {
  const token = ((await env.file(TOKEN_FILE)) ?? '').trim();
  if (token === '') throw noMetadata(`there is no token of a service account in ${TOKEN_FILE}`);
  return token;
}

/** Trusts the authority of the cluster, the system's where the pod has none. */
export async function clusterTls(env: Surroundings): Promise<TlsClientSettings> {
  const pem = await env.file(CA_FILE);
  return pem === null ? DEFAULT_CLIENT_TLS : { ...DEFAULT_CLIENT_TLS, ca: { pem } };
}

export type AuthType = 'none' | 'serviceAccount' | 'kubeConfig';

/** Gives the function that asks for a path of the API. `none`: no token, and any certificate is taken, as in the Collector. */
export async function kubernetesApi(env: Surroundings, auth: AuthType): Promise<(path: string) => Promise<unknown>> {
  if (auth === 'kubeConfig') throw new MillraceError('kube_config', 'auth_type "kubeConfig" is not supported');
  const server = apiServer(env);
  const ask =
    auth === 'none'
      ? { tls: { ...DEFAULT_CLIENT_TLS, skipVerify: true } }
      : { tls: await clusterTls(env), headers: { authorization: `Bearer ${await accountToken(env)}` } };
  return (path) => env.http.json(`${server}${path}`, ask);
}
