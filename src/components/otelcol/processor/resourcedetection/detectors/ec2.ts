/**
 * AWS EC2: identity document, host name and tags of the metadata service. Tags by the EC2 API (DescribeTags) would need requests signed
 * with AWS credentials, which are not made here.
 */
import { errorText } from '#shared/errors.ts';
import { GoRegex } from '#text/regex.ts';
import { found, textAt, type Detector, type Surroundings } from './detector.ts';
import { Imds } from './imds.ts';

const TAG_PREFIX = 'ec2.tag.';
/** As many as an instance can have. */
const MAX_TAGS = 50;

export const detect: Detector = async ({ env, args }) => {
  const { tags, tags_from_imds: fromImds, max_attempts: attempts, max_backoff: longestWaitMs } = args.ec2;
  const imds = new Imds(env, { attempts, longestWaitMs });
  await imds.open();
  const identity = await imds.identity();
  const hostname = await imds.metadata('hostname');
  if (tags.length > 0 && !fromImds)
    env.log.warn(
      'tags of the EC2 API are not supported: set tags_from_imds = true, and allow tags in instance metadata',
      {},
    );
  return found(
    {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_ec2',
      'cloud.region': textAt(identity, 'region'),
      'cloud.account.id': textAt(identity, 'accountId'),
      'cloud.availability_zone': textAt(identity, 'availabilityZone'),
      'host.id': textAt(identity, 'instanceId'),
      'host.image.id': textAt(identity, 'imageId'),
      'host.type': textAt(identity, 'instanceType'),
      'host.name': hostname.trim(),
    },
    tags.length > 0 && fromImds ? await tagsOf(imds, tags, env) : [],
  );
};

async function tagsOf(imds: Imds, patterns: readonly string[], env: Surroundings): Promise<[string, string][]> {
  const wanted = patterns.map((pattern) => new GoRegex(pattern));
  const tags: [string, string][] = [];
  try {
    const keys = (await imds.metadata('tags/instance')).split('\n').map((key) => key.trim());
    for (const key of keys.slice(0, MAX_TAGS))
      if (key !== '' && wanted.some((regex) => regex.test(key)))
        tags.push([TAG_PREFIX + key, await imds.metadata(`tags/instance/${encodeURIComponent(key)}`)]);
  } catch (thrown) {
    env.log.warn('tags of the instance cannot be read', { error: errorText(thrown) });
  }
  return tags;
}
