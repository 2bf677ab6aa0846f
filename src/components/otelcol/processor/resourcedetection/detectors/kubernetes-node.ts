/** The node that the pod runs on: `GET /api/v1/nodes/NAME`, its name by an environment variable (downward API `spec.nodeName`). */
import { kubernetesApi } from './kubernetes-api.ts';
import { found, noMetadata, orNoMetadata, textAt, type Detector } from './detector.ts';

const DEFAULT_VARIABLE = 'K8S_NODE_NAME';

export const detect: Detector = async ({ env, args }) => {
  const { auth_type: auth, node_from_env_var: configured } = args.kubernetes_node;
  const variable = configured === '' ? DEFAULT_VARIABLE : configured;
  const name = env.variables[variable] ?? '';
  if (name === '') throw noMetadata(`the environment variable ${variable} does not hold the name of the node`);
  const ask = await kubernetesApi(env, auth);
  const node = await orNoMetadata(ask(`/api/v1/nodes/${encodeURIComponent(name)}`));
  return found({
    'k8s.node.uid': textAt(node, 'metadata', 'uid'),
    'k8s.node.name': textAt(node, 'metadata', 'name'),
  });
};
