/** Arguments of otelcol.connector.spanlogs (semantics 15.1). */
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, list, string } from '#config/schema/types.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';

const overridesBody = body({
  logs_instance_tag: attr(string, { default: 'traces', doc: 'Name of the attribute that says what a line is about.' }),
  service_key: attr(string, { default: 'svc', doc: 'Key of the service name.' }),
  span_name_key: attr(string, { default: 'span', doc: 'Key of the span name.' }),
  status_key: attr(string, { default: 'status', doc: 'Key of the status.' }),
  duration_key: attr(string, { default: 'dur', doc: 'Key of the duration.' }),
  trace_id_key: attr(string, { default: 'tid', doc: 'Key of the trace ID.' }),
});

export const args = body({
  spans: attr(bool, { default: false, doc: 'Log one line for each span.' }),
  roots: attr(bool, { default: false, doc: 'Log one line for each span without a parent.' }),
  processes: attr(bool, { default: false, doc: 'Log one line for each process that took part in a trace.' }),
  events: attr(bool, { default: false, doc: 'Log one line for each event of a span.' }),
  span_attributes: attr(list(string), { default: [], doc: 'Attributes of spans to log.' }),
  process_attributes: attr(list(string), { default: [], doc: 'Attributes of resources to log.' }),
  event_attributes: attr(list(string), { default: [], doc: 'Attributes of events to log.' }),
  labels: attr(list(string), { default: [], doc: 'Keys of the line that become attributes of its log record, too.' }),
  overrides: block(overridesBody, { doc: 'Other names for the keys of a line.' }),
  output: outputBlock,
});
export type Args = Infer<typeof args>;
