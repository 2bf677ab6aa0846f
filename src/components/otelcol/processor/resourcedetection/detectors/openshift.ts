/** OpenShift 4: the infrastructure of the cluster, `GET /apis/config.openshift.io/v1/infrastructures/cluster/status`. */
import { tlsClientSettings } from '#components/kit/blocks/tls.ts';
import { DEFAULT_CLIENT_TLS } from '#net/client/default-tls.ts';
import { accountToken, apiServer, clusterTls } from './kubernetes-api.ts';
import { found, orNoMetadata, textAt, type Detector } from './detector.ts';

/** By the type of the platform: provider, and where its region is. */
const PLATFORMS: Readonly<Record<string, { provider?: string; platform?: string; region: readonly [string, string] }>> =
  {
    aws: { provider: 'aws', platform: 'aws_openshift', region: ['aws', 'region'] },
    azure: { provider: 'azure', platform: 'azure.openshift', region: ['azure', 'cloudName'] },
    gcp: { provider: 'gcp', platform: 'gcp_openshift', region: ['gcp', 'region'] },
    ibmcloud: { provider: 'ibm_cloud', platform: 'ibm_cloud_openshift', region: ['ibmcloud', 'location'] },
    openstack: { region: ['openstack', 'cloudName'] },
  };

export const detect: Detector = async ({ env, args }) => {
  const { address, token: configured, tls: wanted } = args.openshift;
  const token = configured === '' ? await accountToken(env) : configured;
  const server = address === undefined || address === '' ? apiServer(env) : address.replace(/\/+$/, '');
  // null: without TLS, or with whatever a client has for an https URL.
  const settings = tlsClientSettings(wanted);
  const cluster = settings?.ca === null ? (await clusterTls(env)).ca : null;
  const tls = settings === null ? { ...DEFAULT_CLIENT_TLS } : { ...settings, ca: settings.ca ?? cluster };
  const infrastructure = await orNoMetadata(
    env.http.json(`${server}/apis/config.openshift.io/v1/infrastructures/cluster/status`, {
      tls,
      headers: { authorization: `Bearer ${token}` },
    }),
  );
  const status = ['status', 'platformStatus'];
  const platform = PLATFORMS[textAt(infrastructure, ...status, 'type').toLowerCase()];
  return found({
    'k8s.cluster.name': textAt(infrastructure, 'status', 'infrastructureName'),
    'cloud.provider': platform?.provider,
    'cloud.platform': platform?.platform,
    'cloud.region': platform === undefined ? '' : textAt(infrastructure, ...status, ...platform.region).toLowerCase(),
  });
};
