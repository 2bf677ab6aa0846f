/** Oracle Cloud Infrastructure. */
import { found, orNoMetadata, textAt, type Detector } from './detector.ts';

const URL_OF_INSTANCE = 'http://169.254.169.254/opc/v2/instance/';

export const detect: Detector = async ({ env: { http } }) => {
  const instance = await orNoMetadata(http.json(URL_OF_INSTANCE, { headers: { authorization: 'Bearer Oracle' } }));
  return found({
    'cloud.provider': 'oracle_cloud',
    'cloud.platform': 'oracle_cloud_oke',
    'cloud.region': textAt(instance, 'canonicalRegionName'),
    'cloud.availability_zone': textAt(instance, 'availabilityDomain'),
    'host.id': textAt(instance, 'id'),
    'host.name': textAt(instance, 'displayName'),
    'host.type': textAt(instance, 'shape'),
    'k8s.cluster.name': textAt(instance, 'metadata', 'oke-cluster-display-name'),
    'oracle_cloud.realm': textAt(instance, 'metadata', 'realm'),
  });
};
