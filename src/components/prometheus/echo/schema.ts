/** Arguments of prometheus.echo. Facts: grafana/alloy `internal/component/prometheus/echo`. */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { string } from '#config/schema/types.ts';

export const args = body({
  format: attr(string, {
    default: 'text',
    doc: 'Format of the text: `text` (Prometheus exposition) or `openmetrics`. Anything else is taken for `text`.',
  }),
});
export type Args = Infer<typeof args>;
