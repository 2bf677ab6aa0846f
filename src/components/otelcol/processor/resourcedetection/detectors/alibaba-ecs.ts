/** Alibaba Cloud ECS: a token is asked for first, then one text for each question. */
import { found, orNoMetadata, type Detector } from './detector.ts';

const BASE = 'http://100.100.100.200/latest';
const TOKEN_SECONDS = 21_600;

export const detect: Detector = async ({ env: { http } }) => {
  const token = await orNoMetadata(
    http.text(`${BASE}/api/token`, {
      method: 'PUT',
      headers: { 'x-aliyun-ecs-metadata-token-ttl-seconds': String(TOKEN_SECONDS) },
    }),
  );
  const ask = { headers: { 'x-aliyun-ecs-metadata-token': token.trim() } };
  const value = async (path: string): Promise<string> =>
    (await orNoMetadata(http.text(`${BASE}/meta-data/${path}`, ask))).trim();
  const [name, image, id, type, account, region, zone] = await Promise.all(
    ['hostname', 'image-id', 'instance-id', 'instance/instance-type', 'owner-account-id', 'region-id', 'zone-id'].map(
      value,
    ),
  );
  return found({
    'cloud.provider': 'alibaba_cloud',
    'cloud.platform': 'alibaba_cloud_ecs',
    'cloud.account.id': account,
    'cloud.region': region,
    'cloud.availability_zone': zone,
    'host.id': id,
    'host.name': name,
    'host.image.id': image,
    'host.type': type,
  });
};
