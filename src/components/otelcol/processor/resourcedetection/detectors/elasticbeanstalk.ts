/** AWS Elastic Beanstalk: the JSON file that its X-Ray integration leaves on the instance. */
import { MillraceError } from '#shared/errors.ts';
import { found, noMetadata, textAt, type Detector } from './detector.ts';

const LINUX_FILE = '/var/elasticbeanstalk/xray/environment.conf';
const WINDOWS_FILE = 'C:\\Program Files\\Amazon\\XRay\\environment.conf';

export const detect: Detector = async ({ env }) => {
  const path = env.host.platform === 'win32' ? WINDOWS_FILE : LINUX_FILE;
  const text = await env.file(path);
  if (text === null) throw noMetadata(`there is no file ${path}`);
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (thrown) {
    throw new MillraceError('metadata_file', `${path} is not JSON`, { cause: thrown });
  }
  return found({
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_elastic_beanstalk',
    'service.instance.id': textAt(file, 'deployment_id'),
    'deployment.environment': textAt(file, 'environment_name'),
    'service.version': textAt(file, 'version_label'),
  });
};
