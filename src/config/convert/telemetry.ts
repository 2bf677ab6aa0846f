/** `service.telemetry`: the collector's own log. Facts: grafana/alloy v1.18, converter_service_telemetry.go. */
import { entryAt, isNull, type Place, type YamlNode } from './node.ts';
import type { OutStatement } from './output.ts';

/** `implied`: nobody wrote it, it is the Collector's default. */
export type Remark = (severity: 'Info' | 'Warning' | 'Critical', message: string, implied: boolean) => void;

/** In the Collector sampling of logs and a reader of metrics are there unless they are switched off. */
export function convertTelemetry(service: YamlNode | undefined, place: Place, remark: Remark): OutStatement[] {
  const at = (path: string): YamlNode | undefined => {
    const entry = service === undefined ? undefined : entryAt(service, `telemetry.${path}`);
    return isNull(entry?.value) ? undefined : entry?.value;
  };
  const text = (path: string): string | undefined => {
    const node = at(path);
    return node?.kind === 'scalar' ? node.text : undefined;
  };
  const where = at('logs')?.place ?? place;
  const unsupported = (severity: 'Warning' | 'Critical', path: string, more = ''): void =>
    remark(
      severity,
      `the service/telemetry/${path.replaceAll('.', '/')} configuration is not supported${more}`,
      at(path) === undefined,
    );

  const body: OutStatement[] = [];
  const level = text('logs.level')?.toLowerCase();
  if (level !== undefined && level !== 'info' && ['debug', 'warn', 'error'].includes(level))
    body.push({ kind: 'attr', name: 'level', text: JSON.stringify(level), place: at('logs.level')?.place ?? where });
  const encoding = text('logs.encoding') ?? 'console';
  if (encoding === 'json') body.push({ kind: 'attr', name: 'format', text: '"json"', place: where });
  else
    remark('Info', 'console log format is not supported, using default log format', at('logs.encoding') === undefined);

  for (const name of ['development', 'disable_caller', 'disable_stacktrace'])
    if (text(`logs.${name}`) === 'true') unsupported('Warning', `logs.${name}`);
  if (text('logs.sampling.enabled') !== 'false') unsupported('Warning', 'logs.sampling');
  for (const name of ['output_paths', 'error_output_paths']) {
    const paths = at(`logs.${name}`);
    const isDefault =
      paths?.kind === 'list' &&
      paths.items.length === 1 &&
      paths.items[0]?.kind === 'scalar' &&
      paths.items[0].text === 'stderr';
    if (paths !== undefined && !isDefault) unsupported('Critical', `logs.${name}`);
  }
  for (const name of ['initial_fields', 'processors'])
    if (at(`logs.${name}`) !== undefined) unsupported('Critical', `logs.${name}`);
  const readers = at('metrics.readers');
  if (text('metrics.level')?.toLowerCase() !== 'none' && !(readers?.kind === 'list' && readers.items.length === 0))
    unsupported(
      'Warning',
      'metrics.readers',
      " - to gather Alloy's own telemetry refer to: https://grafana.com/docs/alloy/latest/collect/metamonitoring/",
    );
  for (const name of ['processors', 'propagators'])
    if (at(`traces.${name}`) !== undefined) unsupported('Critical', `traces.${name}`);
  return body.length === 0 ? [] : [{ kind: 'block', name: 'logging', label: null, body, place: where }];
}
