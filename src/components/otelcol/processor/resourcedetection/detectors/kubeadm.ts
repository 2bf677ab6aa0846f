/** What kubeadm left in the cluster: its name in the config map `kubeadm-config`; the uid is that of the namespace `kube-system`. */
import { kubernetesApi } from './kubernetes-api.ts';
import { found, noMetadata, orNoMetadata, textAt, type Detector } from './detector.ts';

const NAMESPACE = '/api/v1/namespaces/kube-system';

export const detect: Detector = async ({ env, args, wants }) => {
  const ask = await kubernetesApi(env, args.kubeadm.auth_type);
  return found({
    'k8s.cluster.name': wants('k8s.cluster.name') ? await clusterName(ask) : undefined,
    'k8s.cluster.uid': wants('k8s.cluster.uid')
      ? textAt(await orNoMetadata(ask(NAMESPACE)), 'metadata', 'uid')
      : undefined,
  });
};

async function clusterName(ask: (path: string) => Promise<unknown>): Promise<string> {
  const map = await orNoMetadata(ask(`${NAMESPACE}/configmaps/kubeadm-config`));
  const yaml = textAt(map, 'data', 'ClusterConfiguration');
  if (yaml === '') throw noMetadata('the config map kubeadm-config has no ClusterConfiguration');
  // kubeadm writes a mapping in block style, so its own keys are what begins a line.
  const [, value = ''] = /^clusterName:[ \t]*(.*?)[ \t]*(?: #.*)?$/m.exec(yaml) ?? [];
  return value.replace(/^(["'])(.*)\1$/, '$2');
}
