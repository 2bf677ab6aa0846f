/** Arguments of prometheus.remote_write. Facts: grafana/alloy `internal/component/prometheus/remotewrite`. */
import { checkCloudAuth, cloudAuthBlocks } from '#components/kit/blocks/cloud-auth.ts';
import { httpUrlProblem } from '#components/kit/blocks/endpoint.ts';
import { httpHeaderProblems } from '#components/kit/blocks/headers.ts';
import { httpClientBlock } from '#components/kit/blocks/http-client.ts';
import { isLabelName, relabelRuleBlock } from '#components/kit/blocks/relabel-rule.ts';
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, duration, int64, map, oneOf, string } from '#config/schema/types.ts';

const VERSION_2 = 'io.prometheus.write.v2.Request';

const queueBlock = body(
  {
    capacity: attr(int64, { default: 10_000, doc: 'Samples that wait for each shard, at most.' }),
    max_shards: attr(int64, { default: 50, doc: 'Most requests at the same time.' }),
    min_shards: attr(int64, { default: 1, doc: 'Shards to begin with, and never fewer.' }),
    max_samples_per_send: attr(int64, { default: 2000, doc: 'Most samples in one request.' }),
    batch_send_deadline: attr(duration, { default: 5000, doc: 'Longest wait of a sample for others to leave with.' }),
    min_backoff: attr(duration, { default: 30, doc: 'Wait before the first retry; it doubles with each.' }),
    max_backoff: attr(duration, { default: 5000, doc: 'Longest wait before a retry.' }),
    retry_on_http_429: attr(bool, { default: true, doc: 'Whether a request that is answered 429 is sent again.' }),
    sample_age_limit: attr(duration, {
      default: 0,
      doc: 'Samples that are older are not sent any more; 0 means no limit.',
    }),
  },
  (a, error) => {
    for (const key of ['capacity', 'max_shards', 'min_shards', 'max_samples_per_send'] as const)
      if (a[key] < 1) error(key, `${key} must be greater than 0`);
    for (const key of ['batch_send_deadline', 'min_backoff', 'max_backoff'] as const)
      if (a[key] <= 0) error(key, `${key} must be greater than 0`);
    if (a.sample_age_limit < 0) error('sample_age_limit', 'sample_age_limit must not be negative');
    if (a.max_shards >= 1 && a.min_shards > a.max_shards)
      error('min_shards', 'min_shards must not be greater than max_shards');
    if (a.min_backoff > a.max_backoff) error('min_backoff', 'min_backoff must not be greater than max_backoff');
  },
);
export type QueueArgs = Infer<typeof queueBlock>;

const metadataBlock = body(
  {
    max_samples_per_send: attr(int64, { default: 2000, doc: 'Most metric families in one request.' }),
    send_interval: attr(duration, { default: 60_000, doc: 'How often metadata is sent.' }),
    send: attr(bool, { default: true, doc: 'Whether metadata (type, help, unit) is sent.' }),
  },
  (a, error) => {
    if (a.max_samples_per_send < 1) error('max_samples_per_send', 'max_samples_per_send must be greater than 0');
    if (a.send_interval <= 0) error('send_interval', 'send_interval must be greater than 0');
  },
);
export type MetadataArgs = Infer<typeof metadataBlock>;

const { enable_http2: _, ...clientFields } = httpClientBlock.shape;

/** Say what the body is. */
const PROTOCOL_HEADERS: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-type',
  'x-prometheus-remote-write-version',
]);

const endpointBlock = body(
  {
    url: attr(string, { required: true, doc: 'URL to send series to.' }),
    name: attr(string, { doc: 'Name of the endpoint in metrics and logs.' }),
    remote_timeout: attr(duration, { default: 30_000, doc: 'Longest time for one request; 0 means no limit.' }),
    headers: attr(map(string), { default: {}, doc: 'Further headers.' }),
    send_exemplars: attr(bool, { default: true, doc: 'Whether exemplars are sent.' }),
    send_native_histograms: attr(bool, { default: false, doc: 'Whether native histograms are sent.' }),
    protobuf_message: attr(oneOf('prometheus.WriteRequest', VERSION_2), {
      default: 'prometheus.WriteRequest',
      doc: 'Message of the protocol: only version 1 is available yet.',
    }),
    round_robin_dns: attr(bool, {
      default: false,
      doc: 'Spread over the addresses of the host. Accepted without effect.',
    }),
    ...clientFields,
    enable_http2: attr(bool, { default: false, doc: 'Offer HTTP/2 to servers with TLS.' }),
    queue_config: block(queueBlock, { doc: 'Waiting, batching and retrying.' }),
    metadata_config: block(metadataBlock, { doc: 'Sending of metadata.' }),
    write_relabel_config: block(relabelRuleBlock, { many: true, doc: 'Relabeling rules for what is sent here.' }),
    ...cloudAuthBlocks,
  },
  (a, error) => {
    const url = httpUrlProblem(a.url);
    if (url !== null) error('url', `url ${url}`);
    if (a.remote_timeout < 0) error('remote_timeout', 'remote_timeout must not be negative');
    if (a.protobuf_message === VERSION_2)
      error(
        'protobuf_message',
        `"${VERSION_2}" is not available yet: write "prometheus.WriteRequest", which receivers of version 2 take too`,
      );
    for (const problem of httpHeaderProblems(a.headers)) error('headers', problem);
    for (const name of Object.keys(a.headers))
      if (PROTOCOL_HEADERS.has(name.toLowerCase()))
        error('headers', `the header "${name}" belongs to the protocol and cannot be set`);
    checkCloudAuth(a, error);
    httpClientBlock.validate?.(a, error);
  },
);
export type EndpointArgs = Infer<typeof endpointBlock>;

const walBlock = body(
  {
    truncate_frequency: attr(duration, {
      default: 7_200_000,
      doc: 'Accepted without effect: there is no log on disk.',
    }),
    min_keepalive_time: attr(duration, { default: 300_000, doc: 'Accepted without effect.' }),
    max_keepalive_time: attr(duration, { default: 28_800_000, doc: 'Accepted without effect.' }),
  },
  (a, error) => {
    if (a.truncate_frequency === 0) error('truncate_frequency', 'truncate_frequency must not be 0');
    if (a.max_keepalive_time <= a.min_keepalive_time)
      error('min_keepalive_time', 'min_keepalive_time must be smaller than max_keepalive_time');
  },
);

export const args = body(
  {
    external_labels: attr(map(string), { default: {}, doc: 'Labels for every series that does not have them.' }),
    endpoint: block(endpointBlock, { many: true, doc: 'A destination; there may be several.' }),
    wal: block(walBlock, { optional: true, doc: 'Accepted without effect: series wait in memory.' }),
  },
  (a, error) => {
    for (const name of Object.keys(a.external_labels))
      if (!isLabelName(name)) error('external_labels', `"${name}" is not a valid label name`);
    const names = a.endpoint.flatMap(({ name }) => (name === undefined || name === '' ? [] : [name]));
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined) error('endpoint', `found multiple remote write configs with job name "${twice}"`);
  },
);
export type Args = Infer<typeof args>;
