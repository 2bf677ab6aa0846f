/** Scaleway instances. */
import { found, orNoMetadata, textAt, type Detector } from './detector.ts';

export const detect: Detector = async ({ env: { http } }) => {
  const metadata = await orNoMetadata(http.json('http://169.254.42.42/conf?format=json'));
  const zone = textAt(metadata, 'location', 'zone_id');
  return found({
    'cloud.provider': 'scaleway_cloud',
    'cloud.platform': 'scaleway_cloud_compute',
    'cloud.account.id': textAt(metadata, 'organization'),
    'cloud.availability_zone': zone,
    // fr-par of fr-par-1
    'cloud.region': zone.slice(0, Math.max(zone.lastIndexOf('-'), 0)),
    'host.id': textAt(metadata, 'id'),
    'host.image.id': textAt(metadata, 'image', 'id'),
    'host.image.name': textAt(metadata, 'image', 'name'),
    'host.name': textAt(metadata, 'name'),
    'host.type': textAt(metadata, 'commercial_type'),
  });
};
