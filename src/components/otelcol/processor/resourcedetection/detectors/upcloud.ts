/** UpCloud servers. */
import { found, noMetadata, orNoMetadata, textAt, type Detector } from './detector.ts';

export const detect: Detector = async ({ env: { http } }) => {
  const metadata = await orNoMetadata(http.json('http://169.254.169.254/metadata/v1.json'));
  const cloud = textAt(metadata, 'cloud_name');
  // Others answer at the same place.
  if (cloud === '') throw noMetadata('the metadata service is not the one of UpCloud: there is no cloud_name');
  return found({
    'cloud.provider': cloud,
    'cloud.region': textAt(metadata, 'region'),
    'host.id': textAt(metadata, 'instance_id'),
    'host.name': textAt(metadata, 'hostname'),
  });
};
