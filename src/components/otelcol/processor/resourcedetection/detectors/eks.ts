/**
 * AWS EKS. That the cluster is one of EKS is told by the credentials of the pod, else by the issuer or the version of its API server.
 * Account and cluster name come from the metadata service of the node; where pods cannot reach it, or tags are not in it, they would need
 * the EC2 API (DescribeInstances) with signed requests, which are not made here.
 */
import { errorText } from '#shared/errors.ts';
import { found, noMetadata, orNoMetadata, textAt, type Detector, type Surroundings } from './detector.ts';
import { Imds } from './imds.ts';
import { kubernetesApi } from './kubernetes-api.ts';

const RETRIES = { attempts: 1, longestWaitMs: 0 };
const CLUSTER_TAGS: readonly string[] = ['aws:eks:cluster-name', 'eks:cluster-name'];

export const detect: Detector = async (task) => {
  const { env, wants, strict } = task;
  if (!(await isEks(env))) throw noMetadata('this is not a pod of an EKS cluster');
  const account = wants('cloud.account.id');
  const cluster = wants('k8s.cluster.name');
  const attributes: Record<string, string> = { 'cloud.provider': 'aws', 'cloud.platform': 'aws_eks' };
  if (account || cluster) {
    try {
      const imds = new Imds(env, RETRIES);
      await imds.open();
      if (account) attributes['cloud.account.id'] = textAt(await imds.identity(), 'accountId');
      if (cluster) attributes['k8s.cluster.name'] = await clusterName(imds);
    } catch (thrown) {
      if (strict) throw thrown;
      env.log.warn('account and cluster of EKS are only taken from the metadata service of the instance and its tags', {
        error: errorText(thrown),
      });
    }
  }
  return found(attributes);
};

async function isEks(env: Surroundings): Promise<boolean> {
  const { variables } = env;
  if ((variables['KUBERNETES_SERVICE_HOST'] ?? '') === '') return false;
  if (variables['AWS_WEB_IDENTITY_TOKEN_FILE']?.includes('eks.amazonaws.com')) return true;
  if (variables['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']?.includes('eks-pod-identity')) return true;
  const ask = await kubernetesApi(env, 'serviceAccount');
  const issuer = await ask('/.well-known/openid-configuration').catch(() => null);
  if (textAt(issuer, 'issuer').includes('oidc.eks.')) return true;
  return textAt(await orNoMetadata(ask('/version')), 'gitVersion').includes('-eks-');
}

async function clusterName(imds: Imds): Promise<string> {
  const keys = (await orNoMetadata(imds.metadata('tags/instance'))).split('\n');
  const key = keys.find((one) => CLUSTER_TAGS.includes(one.trim()));
  if (key === undefined) throw noMetadata(`the instance has none of the tags ${CLUSTER_TAGS.join(', ')}`);
  return imds.metadata(`tags/instance/${encodeURIComponent(key.trim())}`);
}
