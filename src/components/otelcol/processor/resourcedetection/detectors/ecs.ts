/** AWS ECS: the task metadata endpoint, version 4 or 3, whose URL is in the environment of every container. */
import { errorText } from '#shared/errors.ts';
import { found, listAt, noMetadata, orNoMetadata, textAt, valueAt, type Detector } from './detector.ts';

export const detect: Detector = async ({ env, strict }) => {
  const { ECS_CONTAINER_METADATA_URI_V4: v4 = '', ECS_CONTAINER_METADATA_URI: v3 = '' } = env.variables;
  const endpoint = v4.trim() || v3.trim();
  if (endpoint === '') throw noMetadata('neither ECS_CONTAINER_METADATA_URI_V4 nor ECS_CONTAINER_METADATA_URI is set');
  const task = await env.http.json(`${endpoint}/task`);
  const arn = textAt(task, 'TaskARN');
  const { region, account, id } = partsOf(arn);
  const cluster = textAt(task, 'Cluster');
  const launchType = textAt(task, 'LaunchType').toLowerCase();
  const self = await orNoMetadata(env.http.json(endpoint)).catch((thrown: unknown) => {
    if (strict) throw thrown;
    env.log.debug('the metadata of the container cannot be read', { error: errorText(thrown) });
    return null;
  });
  return found({
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_ecs',
    'aws.ecs.task.arn': arn,
    'aws.ecs.task.family': textAt(task, 'Family'),
    'aws.ecs.task.revision': textAt(task, 'Revision'),
    'aws.ecs.task.id': id,
    // Version 3 gives the short name.
    'aws.ecs.cluster.arn': cluster.includes(':') ? cluster : `arn:aws:ecs:${region}:${account}:cluster/${cluster}`,
    'aws.ecs.launchtype': ['ec2', 'fargate'].includes(launchType) ? launchType : undefined,
    'cloud.account.id': account,
    'cloud.region': region,
    'cloud.availability_zone': textAt(task, 'AvailabilityZone'),
    ...(self === null ? {} : logsOf(task, textAt(self, 'DockerId'), account)),
  });
};

/** `arn:aws:ecs:REGION:ACCOUNT:task/ID`, newer ones `task/CLUSTER/ID`. */
function partsOf(arn: string): { readonly region: string; readonly account: string; readonly id: string } {
  const [, , , region = '', account = '', task = ''] = arn.split(':');
  return { region, account, id: task.split('/').at(-1) ?? '' };
}

/** Logs of the containers that run beside the collector and are written to CloudWatch. */
function logsOf(task: unknown, self: string, account: string): Record<string, readonly string[]> {
  const logs = listAt(task, 'Containers')
    .filter(
      (one) =>
        textAt(one, 'Type') === 'NORMAL' &&
        textAt(one, 'KnownStatus') === 'RUNNING' &&
        textAt(one, 'LogDriver') === 'awslogs' &&
        textAt(one, 'DockerId') !== self,
    )
    .map((one) => valueAt(one, 'LogOptions'))
    .map((options) => ({
      group: textAt(options, 'awslogs-group'),
      stream: textAt(options, 'awslogs-stream'),
      region: textAt(options, 'awslogs-region'),
    }))
    .filter(({ group, stream, region }) => group + stream + region !== '');
  const groupArn = (log: (typeof logs)[number]): string =>
    `arn:aws:logs:${log.region}:${account}:log-group:${log.group}`;
  return {
    'aws.log.group.names': logs.map(({ group }) => group),
    'aws.log.group.arns': logs.map(groupArn),
    'aws.log.stream.names': logs.map(({ stream }) => stream),
    'aws.log.stream.arns': logs.map((log) => `${groupArn(log)}:log-stream:${log.stream}`),
  };
}
