/** Tencent Cloud CVM: one text for each question. */
import { found, orNoMetadata, type Detector } from './detector.ts';

const BASE = 'http://metadata.tencentyun.com/latest/meta-data';
const PATHS = [
  'instance-name',
  'instance/image-id',
  'instance-id',
  'instance/instance-type',
  'app-id',
  'placement/region',
  'placement/zone',
];

export const detect: Detector = async ({ env: { http } }) => {
  const [name, image, id, type, account, region, zone] = await Promise.all(
    PATHS.map(async (path) => (await orNoMetadata(http.text(`${BASE}/${path}`))).trim()),
  );
  return found({
    'cloud.provider': 'tencent_cloud',
    'cloud.platform': 'tencent_cloud_cvm',
    'cloud.account.id': account,
    'cloud.region': region,
    'cloud.availability_zone': zone,
    'host.id': id,
    'host.name': name,
    'host.image.id': image,
    'host.type': type,
  });
};
