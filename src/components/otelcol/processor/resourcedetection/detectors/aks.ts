/** Azure Kubernetes Service. */
import { azureCompute } from './azure-compute.ts';
import { found, NOTHING, textAt, type Detector } from './detector.ts';

export const detect: Detector = async ({ env }) => {
  if ((env.variables['KUBERNETES_SERVICE_HOST'] ?? '') === '') return NOTHING;
  const group = textAt(await azureCompute(env), 'resourceGroupName');
  return found({ 'cloud.provider': 'azure', 'cloud.platform': 'azure.aks', 'k8s.cluster.name': clusterOf(group) });
};

/**
 * A group that Azure named is `MC_GROUP_CLUSTER_LOCATION`. One that somebody else named, or with more underscores, stands for the
 * cluster as a whole: no two clusters have the same.
 */
function clusterOf(group: string): string {
  const parts = group.split('_');
  return parts.length === 4 && parts[0].toLowerCase() === 'mc' ? parts[2] : group;
}
