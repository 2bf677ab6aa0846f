/**
 * The components that a configuration can use, by name. Main only: workers know `worker-list.ts`, ingest
 * threads `ingest-list.ts`.
 */
import type { Component } from './kit/component.ts';
import { component as file } from './local/file/component.ts';
import { component as fileMatch } from './local/file_match/component.ts';
import { component as debug } from './otelcol/exporter/debug/component.ts';
import { component as otlp } from './otelcol/exporter/otlp/component.ts';
import { component as otlphttp } from './otelcol/exporter/otlphttp/component.ts';
import { component as prometheusExporter } from './otelcol/exporter/prometheus/component.ts';
import { component as batch } from './otelcol/processor/batch/component.ts';
import { component as otlpReceiver } from './otelcol/receiver/otlp/component.ts';
import { component as prometheusReceiver } from './otelcol/receiver/prometheus/component.ts';
import { component as prometheusEcho } from './prometheus/echo/component.ts';
import { component as remoteHttp } from './remote/http/component.ts';

const ALL: readonly Component[] = [
  batch,
  debug,
  file,
  fileMatch,
  otlp,
  otlphttp,
  otlpReceiver,
  prometheusEcho,
  prometheusExporter,
  prometheusReceiver,
  remoteHttp,
];

export const COMPONENTS: ReadonlyMap<string, Component> = new Map(ALL.map((component) => [component.name, component]));
