/** Arguments of otelcol.processor.resourcedetection. */
import { attr, block, body, type BlockField, type Infer, type Shape } from '#config/schema/schema.ts';
import { bool, duration, int, list, oneOf, secret, string } from '#config/schema/types.ts';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { tlsClientBlock } from '#components/kit/blocks/tls.ts';
import { GoRegex, RegexError } from '#text/regex.ts';
import { attributesOf, type BlockName } from './resource-attributes.ts';

/** `env` reads nothing that could be configured and has no block. */
const detectorName = oneOf(
  'akamai',
  'alibaba_ecs',
  'aks',
  'azure',
  'consul',
  'digitalocean',
  'docker',
  'dynatrace',
  'ec2',
  'ecs',
  'eks',
  'elasticbeanstalk',
  'env',
  'gcp',
  'heroku',
  'hetzner',
  'kubeadm',
  'kubernetes_node',
  'lambda',
  'openshift',
  'nova',
  'oraclecloud',
  'scaleway',
  'tencent_cvm',
  'upcloud',
  'vultr',
  'system',
);
export type DetectorName = BlockName | 'env';

/** One for all of them. */
const enabledBody = body({
  enabled: attr(bool, { required: true, doc: 'Whether the attribute is added.' }),
});

const enabledBlock = (byDefault: boolean): BlockField<{ readonly enabled: boolean } | undefined> =>
  block(enabledBody, { optional: true, doc: byDefault ? 'Added unless disabled.' : 'Added only if enabled.' });

function resourceAttributes(detector: BlockName) {
  const attributes = attributesOf(detector).map(({ name, byDefault }) => [name, enabledBlock(byDefault)] as const);
  return block(body(Object.fromEntries(attributes)), { doc: 'Which resource attributes are added.' });
}

/** Settings that the Collector has and Alloy has not. */
const COLLECTOR_ONLY: Partial<Record<BlockName, readonly string[]>> = {
  consul: ['token_file'],
  gcp: ['labels'],
  kubeadm: ['kube_api_burst', 'kube_api_qps'],
  kubernetes_node: ['kube_api_burst', 'kube_api_qps'],
};

/** The block of a detector: its own arguments, then which attributes it adds. `patterns`: which argument is a list of regular expressions. */
function detectorBlock<const S extends Shape>(
  detector: BlockName,
  what: string,
  shape: S,
  patterns?: 'labels' | 'tags',
) {
  const schema = body(
    { ...shape, resource_attributes: resourceAttributes(detector) },
    (args, error) => {
      if (patterns === undefined) return;
      const { [patterns]: texts = [] } = args as Partial<Record<typeof patterns, readonly string[]>>;
      for (const problem of texts.map(regexProblem)) if (problem !== null) error(patterns, problem);
    },
    { collectorOnly: COLLECTOR_ONLY[detector] ?? [] },
  );
  return block(schema, { doc: `Configures the ${detector} detector: ${what}.` });
}

function regexProblem(pattern: string): string | null {
  try {
    void new GoRegex(pattern);
    return null;
  } catch (thrown) {
    if (thrown instanceof RegexError) return thrown.message;
    throw thrown;
  }
}

const plain = (detector: BlockName, what: string) => detectorBlock(detector, what, {});

const failsAlone = attr(bool, {
  default: false,
  doc: 'The same as `fail_on_missing_metadata` of the component, for this detector alone.',
});

const kubernetesApi = {
  auth_type: attr(oneOf('none', 'serviceAccount', 'kubeConfig'), {
    default: 'none',
    doc: 'How to speak to the API server: without authentication, or with the service account of the pod. `kubeConfig` is not available here.',
  }),
  context: attr(string, { default: '', doc: 'Context of a kubeconfig file, with `auth_type = "kubeConfig"` only.' }),
} as const;

const nodeFromEnv = attr(string, {
  default: 'K8S_NODE_NAME',
  doc: 'Environment variable that holds the name of the node.',
});

export const args = body(
  () => ({
    detectors: attr(list(detectorName), {
      default: ['env'],
      doc: 'Detectors to run. Where several give an attribute, the first of them counts.',
    }),
    override: attr(bool, {
      default: true,
      doc: 'Whether attributes that a resource already has are replaced by the detected ones.',
    }),
    fail_on_missing_metadata: attr(bool, {
      default: false,
      doc: 'Whether a metadata service that cannot be reached is a failure. Else its detector finds nothing.',
    }),
    ec2: detectorBlock(
      'ec2',
      'the metadata service of AWS EC2',
      {
        max_attempts: attr(int, { default: 3, doc: 'Most attempts of each request to the metadata service.' }),
        max_backoff: attr(duration, { default: 20_000, doc: 'Longest wait between two attempts.' }),
        tags_from_imds: attr(bool, {
          default: false,
          doc: 'Take the tags of the instance from its metadata service. The EC2 API is not available here.',
        }),
        tags: attr(list(string), { default: [], doc: 'Regular expressions for the keys of tags to add.' }),
        fail_on_missing_metadata: failsAlone,
      },
      'tags',
    ),
    ecs: plain('ecs', 'the task metadata endpoint of AWS ECS'),
    eks: detectorBlock('eks', 'AWS EKS', { node_from_env_var: nodeFromEnv }),
    elasticbeanstalk: plain('elasticbeanstalk', 'the X-Ray configuration of AWS Elastic Beanstalk'),
    lambda: plain('lambda', 'the environment of AWS Lambda'),
    akamai: plain('akamai', 'the metadata service of Akamai (Linode)'),
    azure: detectorBlock(
      'azure',
      'the metadata service of Azure',
      { tags: attr(list(string), { default: [], doc: 'Regular expressions for the keys of tags to add.' }) },
      'tags',
    ),
    aks: plain('aks', 'Azure Kubernetes Service, by the metadata service of Azure'),
    consul: detectorBlock('consul', 'a Consul agent', {
      address: attr(string, {
        default: '',
        doc: 'Address of the agent; else that of `CONSUL_HTTP_ADDR`, or `127.0.0.1:8500`.',
      }),
      datacenter: attr(string, { default: '', doc: 'Data center to ask; else the one of the agent.' }),
      meta: attr(list(string), { default: [], doc: 'Keys of the metadata of the node to add.' }),
      namespace: attr(string, { default: '', doc: 'Namespace to ask.' }),
      token: attr(secret, { doc: 'ACL token; else that of `CONSUL_HTTP_TOKEN`.' }),
    }),
    docker: plain('docker', 'the Docker daemon'),
    digitalocean: plain('digitalocean', 'the metadata service of DigitalOcean'),
    gcp: plain('gcp', 'the metadata server of Google Cloud'),
    heroku: plain('heroku', 'the dyno metadata of Heroku'),
    hetzner: plain('hetzner', 'the metadata service of Hetzner Cloud'),
    system: detectorBlock('system', 'the operating system and its host', {
      hostname_sources: attr(list(oneOf('os', 'dns', 'cname', 'lookup')), {
        default: ['dns', 'os'],
        doc: 'Where to take `host.name` from; the first that gives a name counts.',
      }),
    }),
    openshift: detectorBlock('openshift', 'the API server of OpenShift', {
      address: attr(string, {
        doc: 'URL of the API server; else that of `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`.',
      }),
      token: attr(string, { default: '', doc: 'Token to show; else that of the service account of the pod.' }),
      tls: block(tlsClientBlock, { doc: 'TLS for the connection to the API server.' }),
    }),
    kubernetes_node: detectorBlock('kubernetes_node', 'the node, by the API server of Kubernetes', {
      ...kubernetesApi,
      node_from_env_var: nodeFromEnv,
    }),
    kubeadm: detectorBlock('kubeadm', 'what kubeadm wrote into the cluster', kubernetesApi),
    dynatrace: block(body({}), { doc: 'The dynatrace detector has no arguments.' }),
    nova: detectorBlock(
      'nova',
      'the metadata service of OpenStack Nova',
      {
        fail_on_missing_metadata: failsAlone,
        labels: attr(list(string), { default: [], doc: 'Regular expressions for the keys of metadata to add.' }),
      },
      'labels',
    ),
    oraclecloud: plain('oraclecloud', 'the metadata service of Oracle Cloud'),
    scaleway: plain('scaleway', 'the metadata service of Scaleway'),
    upcloud: detectorBlock('upcloud', 'the metadata service of UpCloud', { fail_on_missing_metadata: failsAlone }),
    vultr: detectorBlock('vultr', 'the metadata service of Vultr', { fail_on_missing_metadata: failsAlone }),
    tencent_cvm: detectorBlock('tencent_cvm', 'the metadata service of Tencent Cloud CVM', {
      fail_on_missing_metadata: failsAlone,
    }),
    alibaba_ecs: detectorBlock('alibaba_ecs', 'the metadata service of Alibaba Cloud ECS', {
      fail_on_missing_metadata: failsAlone,
    }),
    timeout: attr(duration, {
      default: 5000,
      doc: 'Time for the detection as a whole; a detector that fails is tried again until then.',
    }),
    output: outputBlock,
    debug_metrics: debugMetricsBlock,
  }),
  (a, error) => {
    if (a.detectors.length === 0) error('detectors', 'at least one detector must be specified');
    if (a.timeout <= 0) error('timeout', 'timeout must be greater than 0');
    for (const name of ['kubeadm', 'kubernetes_node'] as const)
      if (a.detectors.includes(name) && a[name].auth_type === 'kubeConfig')
        error(name, 'auth_type "kubeConfig" is not supported; use "serviceAccount" inside a cluster');
  },

  {
    // The HTTP client of the EC2 API, and what newer versions of the Collector have.
    collectorOnly: [
      'auth',
      'compression',
      'compression_params',
      'cookies',
      'disable_keep_alives',
      'endpoint',
      'force_attempt_http2',
      'headers',
      'http2_ping_timeout',
      'http2_read_idle_timeout',
      'idle_conn_timeout',
      'ibmcloud_classic',
      'ibmcloud_vpc',
      'max_conns_per_host',
      'max_idle_conns',
      'max_idle_conns_per_host',
      'middlewares',
      'proxy_url',
      'read_buffer_size',
      'refresh_interval',
      'tls',
      'write_buffer_size',
    ],
  },
);
export type Args = Infer<typeof args>;
