/** DigitalOcean droplets. */
import { found, noMetadata, orNoMetadata, textAt, type Detector } from './detector.ts';

export const detect: Detector = async ({ env }) => {
  const metadata = await orNoMetadata(env.http.json('http://169.254.169.254/metadata/v1.json'));
  const id = textAt(metadata, 'droplet_id');
  // Others answer at the same place.
  if (id === '') throw noMetadata('the metadata service is not the one of DigitalOcean: there is no droplet_id');
  return found({
    'cloud.provider': 'digitalocean',
    'host.id': id,
    'host.name': textAt(metadata, 'hostname'),
    'cloud.region': textAt(metadata, 'region'),
  });
};
