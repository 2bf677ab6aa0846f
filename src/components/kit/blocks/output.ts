/**
 * `output { traces = [...] metrics = [...] logs = [...] }`: where a receiver or processor sends its data.
 */
import { attr, block, body } from '#config/schema/schema.ts';
import { consumers } from '#config/schema/types.ts';

const outputBody = body({
  logs: attr(consumers, { default: [], doc: 'Consumers to send logs to.' }),
  metrics: attr(consumers, { default: [], doc: 'Consumers to send metrics to.' }),
  traces: attr(consumers, { default: [], doc: 'Consumers to send traces to.' }),
});

export const outputBlock = block(outputBody, {
  required: true,
  doc: 'Configures where to send received telemetry data.',
});
