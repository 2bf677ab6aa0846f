/** Vultr instances. */
import { found, noMetadata, orNoMetadata, textAt, type Detector } from './detector.ts';

export const detect: Detector = async ({ env: { http } }) => {
  const metadata = await orNoMetadata(http.json('http://169.254.169.254/v1.json'));
  // Older instances have a number only.
  const id = textAt(metadata, 'instance-v2-id') || textAt(metadata, 'instanceid');
  if (id === '') throw noMetadata('the metadata service is not the one of Vultr: there is no id of an instance');
  return found({
    'cloud.provider': 'vultr',
    'cloud.region': textAt(metadata, 'region', 'regioncode').toLowerCase(),
    'host.id': id,
    'host.name': textAt(metadata, 'hostname'),
  });
};
