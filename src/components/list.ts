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
import { component as debug } from './otelcol/exporter/debug/component.ts';
import { component as lokiExporter } from './otelcol/exporter/loki/component.ts';
import { component as otlp } from './otelcol/exporter/otlp/component.ts';
import { component as otlphttp } from './otelcol/exporter/otlphttp/component.ts';
import { component as batch } from './otelcol/processor/batch/component.ts';
import { component as lokiReceiver } from './otelcol/receiver/loki/component.ts';
import { component as otlpReceiver } from './otelcol/receiver/otlp/component.ts';
import { component as remoteHttp } from './remote/http/component.ts';

const ALL: readonly Component[] = [
  batch,
  debug,
  file,
  fileMatch,
  lokiEcho,
  lokiExporter,
  lokiProcess,
  lokiReceiver,
  lokiRelabel,
  lokiWrite,
  otlp,
  otlphttp,
  otlpReceiver,
  remoteHttp,
];

export const COMPONENTS: ReadonlyMap<string, Component> = new Map(ALL.map((component) => [component.name, component]));
