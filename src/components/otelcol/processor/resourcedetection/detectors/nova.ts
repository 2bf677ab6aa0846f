/** OpenStack Nova: its own metadata, and the type of the instance by the metadata that is like EC2's. */
import { GoRegex } from '#text/regex.ts';
import { MillraceError } from '#shared/errors.ts';
import { found, noMetadata, orNoMetadata, textAt, valueAt, type Detector } from './detector.ts';

const BASE = 'http://169.254.169.254';
const LABEL_PREFIX = 'openstack.nova.meta.';

export const detect: Detector = async ({ env, args }) => {
  const document = await orNoMetadata(env.http.json(`${BASE}/openstack/latest/meta_data.json`));
  const id = textAt(document, 'uuid');
  if (id === '') throw noMetadata('the metadata of OpenStack Nova have no uuid');
  const hostname = textAt(document, 'hostname');
  if (hostname === '') throw new MillraceError('metadata_request', 'the metadata of OpenStack Nova have no hostname');
  const wanted = args.nova.labels.map((pattern) => new GoRegex(pattern));
  const meta = valueAt(document, 'meta');
  // Not every installation has it.
  const type = await env.http.text(`${BASE}/latest/meta-data/instance-type`).catch(() => '');
  return found(
    {
      'cloud.provider': 'openstack',
      'cloud.platform': 'openstack_nova',
      'cloud.availability_zone': textAt(document, 'availability_zone'),
      'host.id': id,
      'host.name': hostname,
      'host.type': type.trim(),
    },
    Object.entries(typeof meta === 'object' && meta !== null ? meta : {})
      .filter((pair): pair is [string, string] => typeof pair[1] === 'string')
      .filter(([key]) => wanted.some((regex) => regex.test(key)))
      .map(([key, value]) => [LABEL_PREFIX + key, value] as const),
  );
};
