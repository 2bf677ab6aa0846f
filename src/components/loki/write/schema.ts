/** Arguments of loki.write. Facts: grafana/alloy `internal/component/loki/write`. */
import { httpUrlProblem } from '#components/kit/blocks/endpoint.ts';
import { httpHeaderProblems } from '#components/kit/blocks/headers.ts';
import { httpClientBlock } from '#components/kit/blocks/http-client.ts';
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, duration, int, map, size, string } from '#config/schema/types.ts';

const queueBlock = body(
  {
    capacity: attr(size, {
      default: 10 * 1024 * 1024,
      doc: 'Bytes of lines that are held at most, in all workers together; beyond it lines are refused or dropped.',
    }),
    min_shards: attr(int, { default: 1, doc: 'Requests at the same time; each worker has at least one.' }),
    drain_timeout: attr(duration, { default: 60_000, doc: 'Longest time that what is held is sent at the end.' }),
    block_on_overflow: attr(bool, {
      default: true,
      doc: 'Whether lines for which there is no room are refused, so that their sender waits, instead of being dropped.',
    }),
  },
  (a, error) => {
    if (a.capacity <= 0) error('capacity', 'capacity must be greater than 0');
    if (a.drain_timeout < 0) error('drain_timeout', 'drain_timeout must not be negative');
  },
);

const endpointBlock = body(
  {
    url: attr(string, { required: true, doc: 'URL to send to, with its path (`/loki/api/v1/push`).' }),
    name: attr(string, { doc: 'Name of the endpoint: one with the same name keeps what it holds over a reload.' }),
    batch_wait: attr(duration, { default: 1000, doc: 'Longest time a line waits for others to leave with.' }),
    batch_size: attr(size, { default: 1024 * 1024, doc: 'Bytes of lines at which a batch is sent.' }),
    remote_timeout: attr(duration, { default: 10_000, doc: 'Time for one request.' }),
    headers: attr(map(string), {
      doc: 'Further headers. `Content-Type: application/json` sends JSON instead of protobuf.',
    }),
    tenant_id: attr(string, { doc: 'Tenant (`X-Scope-OrgID`) of lines that name none.' }),
    min_backoff_period: attr(duration, { default: 500, doc: 'Wait before the first retry; it doubles with each.' }),
    max_backoff_period: attr(duration, { default: 300_000, doc: 'Longest wait before a retry.' }),
    max_backoff_retries: attr(int, {
      default: 10,
      doc: 'Attempts after which a batch is dropped; 0 means that there is no such number.',
    }),
    retry_on_http_429: attr(bool, { default: true, doc: 'Whether a batch that is answered 429 is sent again.' }),
    queue_config: block(queueBlock, { doc: 'Configures what is held.' }),
    ...httpClientBlock.shape,
  },
  (a, error) => {
    const url = httpUrlProblem(a.url);
    if (url !== null) error('url', `url ${url}`);
    for (const key of ['batch_wait', 'batch_size', 'min_backoff_period', 'max_backoff_period'] as const)
      if (a[key] <= 0) error(key, `${key} must be greater than 0`);
    if (a.remote_timeout < 0) error('remote_timeout', 'remote_timeout must not be negative');
    if (a.max_backoff_retries < 0) error('max_backoff_retries', 'max_backoff_retries must not be negative');
    for (const problem of httpHeaderProblems(a.headers ?? {})) error('headers', problem);
    for (const problem of httpHeaderProblems({ 'x-scope-orgid': a.tenant_id ?? '' })) error('tenant_id', problem);
    httpClientBlock.validate?.(a, error);
  },
);
export type EndpointArgs = Infer<typeof endpointBlock>;

const walBlock = body({
  enabled: attr(bool, {
    default: false,
    doc: 'Whether lines are kept on disk. Accepted without effect: there is no such log.',
  }),
  max_segment_age: attr(duration, { default: 3_600_000, doc: 'Accepted without effect.' }),
  min_read_frequency: attr(duration, { default: 250, doc: 'Accepted without effect.' }),
  max_read_frequency: attr(duration, { default: 1000, doc: 'Accepted without effect.' }),
  drain_timeout: attr(duration, { default: 30_000, doc: 'Accepted without effect.' }),
});

export const args = body(
  {
    external_labels: attr(map(string), { default: {}, doc: 'Labels of lines that do not have them.' }),
    max_streams: attr(int, {
      default: 0,
      doc: 'Most streams in one batch; lines of others are dropped. 0 means no limit.',
    }),
    endpoint: block(endpointBlock, { many: true, doc: 'Where lines are sent to. Every endpoint gets all of them.' }),
    wal: block(walBlock, { optional: true, doc: 'A log on disk. Accepted without effect.' }),
  },
  (a, error) => {
    if (a.max_streams < 0) error('max_streams', 'max_streams must not be negative');
    const names = new Set<string>();
    for (const { name } of a.endpoint) {
      if (name !== undefined && names.has(name)) error('endpoint', `two endpoints are named "${name}"`);
      if (name !== undefined) names.add(name);
    }
  },
);
export type Args = Infer<typeof args>;
