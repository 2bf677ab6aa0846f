/** Arguments of otelcol.exporter.loki. */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { logsReceivers } from '#config/schema/types.ts';

export const args = body({
  forward_to: attr(logsReceivers, { required: true, doc: 'Where the lines go.' }),
});
export type Args = Infer<typeof args>;
