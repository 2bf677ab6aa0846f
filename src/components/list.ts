/**
 * The components that a configuration can use, by name. Main only: workers know `worker-list.ts`, ingest
 * threads `ingest-list.ts`.
 */
import type { Component } from './kit/component.ts';
import { component as file } from './local/file/component.ts';
import { component as fileMatch } from './local/file_match/component.ts';
import { component as lokiEcho } from './loki/echo/component.ts';
import { component as lokiProcess } from './loki/process/component.ts';
import { component as lokiRelabel } from './loki/relabel/component.ts';
import { component as lokiWrite } from './loki/write/component.ts';
import { component as count } from './otelcol/connector/count/component.ts';
import { component as hostInfo } from './otelcol/connector/host_info/component.ts';
import { component as servicegraph } from './otelcol/connector/servicegraph/component.ts';
import { component as signalToMetrics } from './otelcol/connector/signaltometrics/component.ts';
import { component as spanlogs } from './otelcol/connector/spanlogs/component.ts';
import { component as spanmetrics } from './otelcol/connector/spanmetrics/component.ts';
import { component as debug } from './otelcol/exporter/debug/component.ts';
import { component as lokiExporter } from './otelcol/exporter/loki/component.ts';
import { component as otlp } from './otelcol/exporter/otlp/component.ts';
import { component as otlphttp } from './otelcol/exporter/otlphttp/component.ts';
import { component as prometheusExporter } from './otelcol/exporter/prometheus/component.ts';
import { component as attributes } from './otelcol/processor/attributes/component.ts';
import { component as batch } from './otelcol/processor/batch/component.ts';
import { component as cumulativeToDelta } from './otelcol/processor/cumulativetodelta/component.ts';
import { component as deltaToCumulative } from './otelcol/processor/deltatocumulative/component.ts';
import { component as filter } from './otelcol/processor/filter/component.ts';
import { component as groupByAttributes } from './otelcol/processor/groupbyattrs/component.ts';
import { component as groupByTrace } from './otelcol/processor/groupbytrace/component.ts';
import { component as interval } from './otelcol/processor/interval/component.ts';
import { component as redaction } from './otelcol/processor/redaction/component.ts';
import { component as span } from './otelcol/processor/span/component.ts';
import { component as resourceDetection } from './otelcol/processor/resourcedetection/component.ts';
import { component as transform } from './otelcol/processor/transform/component.ts';
import { component as memoryLimiter } from './otelcol/processor/memory_limiter/component.ts';
import { component as probabilisticSampler } from './otelcol/processor/probabilistic_sampler/component.ts';
import { component as lokiReceiver } from './otelcol/receiver/loki/component.ts';
import { component as otlpReceiver } from './otelcol/receiver/otlp/component.ts';
import { component as prometheusReceiver } from './otelcol/receiver/prometheus/component.ts';
import { component as prometheusEcho } from './prometheus/echo/component.ts';
import { component as prometheusRelabel } from './prometheus/relabel/component.ts';
import { component as remoteWrite } from './prometheus/remote_write/component.ts';
import { component as remoteHttp } from './remote/http/component.ts';

const ALL: readonly Component[] = [
  attributes,
  batch,
  count,
  cumulativeToDelta,
  debug,
  deltaToCumulative,
  file,
  fileMatch,
  filter,
  groupByAttributes,
  groupByTrace,
  hostInfo,
  interval,
  lokiEcho,
  lokiExporter,
  lokiProcess,
  lokiReceiver,
  lokiRelabel,
  lokiWrite,
  memoryLimiter,
  otlp,
  otlphttp,
  otlpReceiver,
  probabilisticSampler,
  prometheusEcho,
  prometheusExporter,
  prometheusReceiver,
  prometheusRelabel,
  redaction,
  remoteHttp,
  remoteWrite,
  resourceDetection,
  servicegraph,
  signalToMetrics,
  span,
  spanlogs,
  spanmetrics,
  transform,
];

export const COMPONENTS: ReadonlyMap<string, Component> = new Map(ALL.map((component) => [component.name, component]));
