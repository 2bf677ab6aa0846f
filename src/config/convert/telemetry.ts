/**
 * `service::telemetry` as a `logging` block, and what of it has no counterpart. The Collector's defaults have log sampling and a
 * metrics reader, so that both are said to be left out unless the configuration removes them.
 * Facts: grafana/alloy otelcolconvert, converter_service_telemetry.go.
 */
import { didYouMean } from '#config/diag/suggest.ts';
import type { BlockStatement, Statement } from '#config/syntax/ast.ts';
import { goType, isNull, type MapEntry, type MapNode, type YamlNode } from '#config/yaml/node.ts';
import { attribute, blockStatement, literal } from './build.ts';
import type { Problems } from './problems.ts';

/** By the names that the Collector (zap) has for them; the graver ones have no counterpart. */
const LEVELS: Readonly<Record<string, string>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  dpanic: 'info',
  panic: 'info',
  fatal: 'info',
};
const LOG_KEYS = [
  'level',
  'development',
  'encoding',
  'disable_caller',
  'disable_stacktrace',
  'sampling',
  'output_paths',
  'error_output_paths',
  'initial_fields',
  'processors',
  'disable_zap_resource',
];
const READERS =
  "the service/telemetry/metrics/readers configuration is not supported - to gather Alloy's own telemetry refer to: https://grafana.com/docs/alloy/latest/collect/metamonitoring/";

export function convertTelemetry(telemetry: MapEntry | undefined, problems: Problems): readonly BlockStatement[] {
  const settings = mapOf(telemetry?.value, 'service::telemetry', problems, ['logs', 'metrics', 'traces', 'resource']);
  const logs = settings?.entries.get('logs');
  const blocks = convertLogs(logs, problems);
  const metrics = mapOf(settings?.entries.get('metrics')?.value, 'service::telemetry::metrics', problems, [
    'level',
    'readers',
    'views',
    'address',
  ]);
  const readers = metrics?.entries.get('readers');
  if (readers?.value.kind !== 'list' || readers.value.items.length > 0)
    problems.warn('telemetry', READERS, readers?.keyAt ?? null);
  const traces = mapOf(settings?.entries.get('traces')?.value, 'service::telemetry::traces', problems, [
    'level',
    'processors',
    'propagators',
    'sampler',
    'limits',
  ]);
  for (const key of ['processors', 'propagators']) {
    const list = traces?.entries.get(key);
    if (list?.value.kind === 'list' && list.value.items.length > 0)
      unsupported(`traces/${key}`, list, 'Critical', problems);
  }
  return blocks;
}

function convertLogs(entry: MapEntry | undefined, problems: Problems): readonly BlockStatement[] {
  const logs = mapOf(entry?.value, 'service::telemetry::logs', problems, LOG_KEYS);
  const statements: Statement[] = [];
  const level = levelOf(logs?.entries.get('level'), problems);
  if (level !== undefined) statements.push(level);
  const encoding = logs?.entries.get('encoding');
  const format = encoding?.value.kind === 'scalar' && encoding.value.text !== '' ? encoding.value.text : 'console';
  if (format === 'json') statements.push(attribute('format', encoding!.keyAt, literal('json', encoding!.value.at)));
  else if (format === 'console')
    problems.info(
      'telemetry',
      'console log format is not supported, using default log format',
      encoding?.keyAt ?? null,
    );
  for (const key of ['development', 'disable_caller', 'disable_stacktrace']) {
    const flag = logs?.entries.get(key);
    if (flag?.value.kind === 'scalar' && flag.value.value === true)
      unsupported(`logs/${key}`, flag, 'Warning', problems);
  }
  unsupported('logs/sampling', logs?.entries.get('sampling'), 'Warning', problems);
  for (const key of ['output_paths', 'error_output_paths']) {
    const paths = logs?.entries.get(key);
    if (paths !== undefined && !isNull(paths.value) && !isStderr(paths.value, key))
      unsupported(`logs/${key}`, paths, 'Critical', problems);
  }
  for (const key of ['initial_fields', 'processors']) {
    const set = logs?.entries.get(key);
    if (set !== undefined && !isNull(set.value)) unsupported(`logs/${key}`, set, 'Critical', problems);
  }
  return statements.length === 0 ? [] : [blockStatement('logging', null, entry!.keyAt, statements)];
}

function levelOf(entry: MapEntry | undefined, problems: Problems): Statement | undefined {
  if (entry === undefined || isNull(entry.value)) return undefined;
  const { keyAt, value } = entry;
  const written = value.kind === 'scalar' ? value.text.toLowerCase() : '';
  const level = Object.hasOwn(LEVELS, written) ? LEVELS[written] : undefined;
  if (level === undefined) {
    problems.read(
      'type',
      `'service::telemetry::logs::level' unrecognized level: "${written}"`,
      value.at,
      didYouMean(written, Object.keys(LEVELS)),
    );
    return undefined;
  }
  return level === 'info' ? undefined : attribute('level', keyAt, literal(level, value.at));
}

/** What both take when nothing is said. Of output_paths an empty list is nothing, too. */
function isStderr(node: YamlNode, key: string): boolean {
  if (node.kind !== 'list') return node.kind === 'scalar' && node.text === 'stderr';
  const [first, ...others] = node.items;
  if (first === undefined) return key === 'output_paths';
  return others.length === 0 && first.kind === 'scalar' && first.text === 'stderr';
}

function unsupported(
  what: string,
  entry: MapEntry | undefined,
  severity: 'Warning' | 'Critical',
  problems: Problems,
): void {
  problems.add(
    severity,
    'convert',
    'telemetry',
    `the service/telemetry/${what} configuration is not supported`,
    entry?.keyAt ?? null,
  );
}

function mapOf(
  node: YamlNode | undefined,
  path: string,
  problems: Problems,
  keys: readonly string[],
): MapNode | undefined {
  if (node === undefined || isNull(node)) return undefined;
  if (node.kind !== 'map') {
    problems.read('type', `'${path}' expected a map, got '${goType(node)}'`, node.at);
    return undefined;
  }
  for (const { key, keyAt } of node.entries.values()) {
    if (!keys.includes(key))
      problems.read('unknown_name', `'${path}' has invalid keys: ${key}`, keyAt, didYouMean(key, keys));
  }
  return node;
}
