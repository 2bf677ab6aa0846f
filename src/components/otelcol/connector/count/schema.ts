/** Arguments of otelcol.connector.count. */
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { ottlCondition } from '#components/kit/blocks/ottl.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { attr, block, body, type BlockField, type Infer } from '#config/schema/schema.ts';
import { any, list, string } from '#config/schema/types.ts';
import type { ContextName } from '#ottl/context.ts';

const attributeBody = body(
  {
    key: attr(string, { required: true, doc: 'Name of the attribute.' }),
    default_value: attr(any, {
      doc: 'Value for data without the attribute, a string or a number; without it such data is not counted.',
    }),
  },
  (a, error) => {
    if (a.key === '') error('key', 'key must not be empty');
    const { default_value: value } = a;
    if (value !== undefined && !['string', 'bigint', 'number'].includes(typeof value))
      error('default_value', 'default_value should be a string or a number');
  },
);

/** What is counted where nothing is configured, by block. */
export const DEFAULTS = {
  spans: { name: 'trace.span.count', description: 'The number of spans observed.' },
  spanevents: { name: 'trace.span.event.count', description: 'The number of span events observed.' },
  metrics: { name: 'metric.count', description: 'The number of metrics observed.' },
  datapoints: { name: 'metric.datapoint.count', description: 'The number of data points observed.' },
  logs: { name: 'log.record.count', description: 'The number of log records observed.' },
} as const;
export type Kind = keyof typeof DEFAULTS;

/** The context in which conditions of each block stand. */
export const CONTEXT_OF: Readonly<Record<Kind, ContextName>> = {
  spans: 'span',
  spanevents: 'spanevent',
  metrics: 'metric',
  datapoints: 'datapoint',
  logs: 'log',
};

const metricBody = (kind: Kind) =>
  body(
    {
      name: attr(string, { doc: `Name of the metric; \`${DEFAULTS[kind].name}\` when not set.` }),
      description: attr(string, { default: '', doc: 'Description of the metric.' }),
      conditions: attr(list(ottlCondition(CONTEXT_OF[kind])), {
        default: [],
        doc: 'OTTL conditions; what meets any of them is counted. Without any, all is.',
      }),
      attributes: block(attributeBody, {
        many: true,
        doc: 'Attributes to count apart by: those of the item, else of its scope, else of its resource.',
      }),
    },
    (a, error) => {
      if (a.name === '') error('name', 'name must not be empty');
      if (kind === 'metrics' && a.attributes.length > 0)
        error('attributes', 'metrics have no attributes to count apart by');
      const keys = a.attributes.map((one) => one.key);
      const twice = keys.find((key, i) => keys.indexOf(key) !== i);
      if (twice !== undefined) error('attributes', `duplicate attribute key: "${twice}"`);
    },
  );

export type MetricArgs = Infer<ReturnType<typeof metricBody>>;

const metricsOf = (kind: Kind, what: string): BlockField<readonly MetricArgs[]> =>
  block(metricBody(kind), {
    many: true,
    otelcol: { keyed: 'name' },
    doc: `A metric that counts ${what}. Without any block, all are counted.`,
  });

export const args = body(
  {
    spans: metricsOf('spans', 'spans'),
    spanevents: metricsOf('spanevents', 'span events'),
    metrics: metricsOf('metrics', 'metrics'),
    datapoints: metricsOf('datapoints', 'data points'),
    logs: metricsOf('logs', 'log records'),
    output: outputBlock,
    debug_metrics: debugMetricsBlock,
  },
  (a, error) => {
    for (const kind of Object.keys(DEFAULTS) as Kind[]) {
      const names = a[kind].map((metric) => metric.name ?? DEFAULTS[kind].name);
      const twice = names.find((name, i) => names.indexOf(name) !== i);
      if (twice !== undefined) error(kind, `two blocks "${kind}" count the same metric "${twice}"`);
    }
  },
);
export type Args = Infer<typeof args>;
