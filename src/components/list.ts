/**
 * The components that a configuration can use, by name. Main only: workers know `worker-list.ts`, ingest
 * threads `ingest-list.ts`.
 */
import type { Component } from './kit/component.ts';
import { component as file } from './local/file/component.ts';
import { component as fileMatch } from './local/file_match/component.ts';
import { component as count } from './otelcol/connector/count/component.ts';
import { component as debug } from './otelcol/exporter/debug/component.ts';
import { component as otlp } from './otelcol/exporter/otlp/component.ts';
import { component as otlphttp } from './otelcol/exporter/otlphttp/component.ts';
import { component as signalToMetrics } from './otelcol/connector/signaltometrics/component.ts';
import { component as batch } from './otelcol/processor/batch/component.ts';
import { component as otlpReceiver } from './otelcol/receiver/otlp/component.ts';
import { component as remoteHttp } from './remote/http/component.ts';

const ALL: readonly Component[] = [
  batch,
  count,
  debug,
  file,
  fileMatch,
  otlp,
  otlphttp,
  otlpReceiver,
  remoteHttp,
  signalToMetrics,
];

export const COMPONENTS: ReadonlyMap<string, Component> = new Map(ALL.map((component) => [component.name, component]));
