/** What the detectors for AWS make of the documented answers of its services. */
import type { DetectorCase, Routes } from './detecting.ts';

const LOCAL = 'http://169.254.169.254';
const KUBERNETES = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
const API = 'https://10.0.0.1';
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const TOKEN = { [`${ACCOUNT}/token`]: 'kube-token\n' };
const IDENTITY = {
  accountId: '123456789012',
  architecture: 'x86_64',
  availabilityZone: 'us-west-2b',
  imageId: 'ami-5fb8c835',
  instanceId: 'i-1234567890abcdef0',
  instanceType: 't2.micro',
  region: 'us-west-2',
};
const imds = (more: Routes = {}): Routes => ({
  [`PUT ${LOCAL}/latest/api/token`]: 'imds-token',
  [`GET ${LOCAL}/latest/meta-data/instance-id`]: IDENTITY.instanceId,
  [`GET ${LOCAL}/latest/meta-data/hostname`]: 'ip-10-0-0-1.us-west-2.compute.internal',
  [`GET ${LOCAL}/latest/dynamic/instance-identity/document`]: IDENTITY,
  ...more,
});
const EC2 = {
  'cloud.account.id': '123456789012',
  'cloud.availability_zone': 'us-west-2b',
  'cloud.platform': 'aws_ec2',
  'cloud.provider': 'aws',
  'cloud.region': 'us-west-2',
  'host.id': 'i-1234567890abcdef0',
  'host.image.id': 'ami-5fb8c835',
  'host.name': 'ip-10-0-0-1.us-west-2.compute.internal',
  'host.type': 't2.micro',
};
const container = (id: string, more: object = {}): object => ({
  DockerId: id,
  Type: 'NORMAL',
  KnownStatus: 'RUNNING',
  LogDriver: 'awslogs',
  LogOptions: { 'awslogs-group': `group-${id}`, 'awslogs-region': 'us-west-2', 'awslogs-stream': `stream-${id}` },
  ...more,
});
const ECS_URI = 'http://169.254.170.2/v4/abc';

export const AWS: readonly DetectorCase[] = [
  {
    detector: 'ec2',
    place: { routes: imds() },
    gives: EC2,
    shows: {
      [`PUT ${LOCAL}/latest/api/token`]: { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' },
      [`GET ${LOCAL}/latest/meta-data/hostname`]: { 'x-aws-ec2-metadata-token': 'imds-token' },
    },
  },
  {
    detector: 'ec2',
    title: 'ec2, version 1 and tags',
    text: 'ec2 {\n tags = ["^team$", "^my"]\n tags_from_imds = true\n }',
    place: {
      routes: imds({
        [`PUT ${LOCAL}/latest/api/token`]: 403,
        [`GET ${LOCAL}/latest/meta-data/tags/instance`]: 'Name\nteam\nmy tag',
        [`GET ${LOCAL}/latest/meta-data/tags/instance/team`]: 'blue',
        [`GET ${LOCAL}/latest/meta-data/tags/instance/my%20tag`]: 'red',
      }),
    },
    gives: { ...EC2, 'ec2.tag.my tag': 'red', 'ec2.tag.team': 'blue' },
  },
  {
    detector: 'ecs',
    place: {
      variables: { ECS_CONTAINER_METADATA_URI_V4: ECS_URI },
      routes: {
        [`GET ${ECS_URI}/task`]: {
          AvailabilityZone: 'us-west-2a',
          Cluster: 'my-cluster',
          Family: 'family',
          LaunchType: 'FARGATE',
          Revision: '26',
          TaskARN: 'arn:aws:ecs:us-west-2:803860917211:task/my-cluster/37e8',
          Containers: [
            container('self'),
            container('one'),
            container('init', { KnownStatus: 'STOPPED' }),
            container('pause', { Type: 'CNI_PAUSE' }),
            container('files', { LogDriver: 'json-file' }),
          ],
        },
        [`GET ${ECS_URI}`]: container('self'),
      },
    },
    gives: {
      'aws.ecs.cluster.arn': 'arn:aws:ecs:us-west-2:803860917211:cluster/my-cluster',
      'aws.ecs.launchtype': 'fargate',
      'aws.ecs.task.arn': 'arn:aws:ecs:us-west-2:803860917211:task/my-cluster/37e8',
      'aws.ecs.task.family': 'family',
      'aws.ecs.task.id': '37e8',
      'aws.ecs.task.revision': '26',
      'aws.log.group.arns': ['arn:aws:logs:us-west-2:803860917211:log-group:group-one'],
      'aws.log.group.names': ['group-one'],
      'aws.log.stream.arns': ['arn:aws:logs:us-west-2:803860917211:log-group:group-one:log-stream:stream-one'],
      'aws.log.stream.names': ['stream-one'],
      'cloud.account.id': '803860917211',
      'cloud.availability_zone': 'us-west-2a',
      'cloud.platform': 'aws_ecs',
      'cloud.provider': 'aws',
      'cloud.region': 'us-west-2',
    },
  },
  {
    detector: 'eks',
    title: 'eks, by its token and with what the instance tells',
    text: 'eks {\n resource_attributes {\n cloud.account.id { enabled = true }\n k8s.cluster.name { enabled = true }\n }\n }',
    place: {
      variables: {
        ...KUBERNETES,
        AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token',
      },
      routes: imds({
        [`GET ${LOCAL}/latest/meta-data/tags/instance`]: 'Name\neks:cluster-name',
        [`GET ${LOCAL}/latest/meta-data/tags/instance/eks%3Acluster-name`]: 'prod',
      }),
    },
    gives: {
      'cloud.account.id': '123456789012',
      'cloud.platform': 'aws_eks',
      'cloud.provider': 'aws',
      'k8s.cluster.name': 'prod',
    },
  },
  {
    detector: 'eks',
    title: 'eks, by the version of the API server',
    place: {
      variables: KUBERNETES,
      files: TOKEN,
      routes: { [`GET ${API}/version`]: { gitVersion: 'v1.29.1-eks-508b6b3' } },
    },
    gives: { 'cloud.platform': 'aws_eks', 'cloud.provider': 'aws' },
    shows: { [`GET ${API}/version`]: { authorization: 'Bearer kube-token' } },
  },
  {
    detector: 'elasticbeanstalk',
    place: {
      files: {
        '/var/elasticbeanstalk/xray/environment.conf':
          '{"deployment_id":23,"version_label":"env-version-1234","environment_name":"BETA"}',
      },
    },
    gives: {
      'cloud.platform': 'aws_elastic_beanstalk',
      'cloud.provider': 'aws',
      'deployment.environment': 'BETA',
      'service.instance.id': '23',
      'service.version': 'env-version-1234',
    },
  },
  {
    detector: 'lambda',
    place: {
      variables: {
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
        AWS_LAMBDA_FUNCTION_NAME: 'fn',
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/fn',
        AWS_LAMBDA_LOG_STREAM_NAME: '2026/01/01/[$LATEST]1',
        AWS_REGION: 'us-east-1',
      },
    },
    gives: {
      'aws.log.group.names': ['/aws/lambda/fn'],
      'aws.log.stream.names': ['2026/01/01/[$LATEST]1'],
      'cloud.platform': 'aws_lambda',
      'cloud.provider': 'aws',
      'cloud.region': 'us-east-1',
      'faas.instance': '2026/01/01/[$LATEST]1',
      'faas.max_memory': '128',
      'faas.name': 'fn',
      'faas.version': '$LATEST',
    },
  },
];
