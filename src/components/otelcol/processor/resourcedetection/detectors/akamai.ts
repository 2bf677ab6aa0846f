/** Akamai's cloud, Linode: a token is asked for first. */
import { found, noMetadata, orNoMetadata, textAt, type Detector } from './detector.ts';

const BASE = 'http://169.254.169.254/v1';
const JSON_WANTED = { accept: 'application/json' };
/** The token is used for one question. */
const TOKEN_SECONDS = 3600;

export const detect: Detector = async ({ env: { http } }) => {
  const tokens = await orNoMetadata(
    http.json(`${BASE}/token`, {
      method: 'PUT',
      headers: { ...JSON_WANTED, 'metadata-token-expiry-seconds': String(TOKEN_SECONDS) },
    }),
  );
  const token = textAt(tokens, '0');
  if (token === '') throw noMetadata('the metadata service of Akamai gives no token');
  const instance = await orNoMetadata(
    http.json(`${BASE}/instance`, { headers: { ...JSON_WANTED, 'metadata-token': token } }),
  );
  return found({
    'cloud.provider': 'akamai_cloud',
    'cloud.region': textAt(instance, 'region'),
    'host.id': textAt(instance, 'id'),
    'host.name': textAt(instance, 'label'),
  });
};
