/** Hetzner Cloud servers: one text for each question. */
import { found, noMetadata, orNoMetadata, type Detector } from './detector.ts';

const BASE = 'http://169.254.169.254/hetzner/v1/metadata';

export const detect: Detector = async ({ env, strict }) => {
  const { http } = env;
  const hostname = (await orNoMetadata(http.text(`${BASE}/hostname`))).trim();
  if (hostname === '') throw noMetadata('the metadata service of Hetzner Cloud gives no host name');
  const value = async (path: string): Promise<string> => {
    if (strict) return (await http.text(`${BASE}/${path}`)).trim();
    const { status, body } = await http.answer(`${BASE}/${path}`);
    return status === 200 ? body.toString('utf8').trim() : '';
  };
  const [id, region, zone] = await Promise.all([value('instance-id'), value('region'), value('availability-zone')]);
  return found({
    'cloud.provider': 'hetzner',
    'host.id': id,
    'host.name': hostname,
    'cloud.region': region,
    'cloud.availability_zone': zone,
  });
};
