/**
 * `output { traces = [...] metrics = [...] logs = [...] }`: where a receiver or processor sends its data.
 */
import { attr, block, body } from '#config/schema/schema.ts';
import { consumers } from '#config/schema/types.ts';

const outputBody = body({
  metrics: attr(consumers, { default: [], doc: 'Consumers to send metrics to.' }),
  logs: attr(consumers, { default: [], doc: 'Consumers to send logs to.' }),
  traces: attr(consumers, { default: [], doc: 'Consumers to send traces to.' }),
});

export const outputBlock = block(outputBody, {
  required: true,
  otelcol: { key: null },
  doc: 'Configures where to send received telemetry data.',
});
