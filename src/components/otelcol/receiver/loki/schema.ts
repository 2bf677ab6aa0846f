/** Arguments of otelcol.receiver.loki. */
import { outputBlock } from '#components/kit/blocks/output.ts';
import { body, type Infer } from '#config/schema/schema.ts';

export const args = body({ output: outputBlock });
export type Args = Infer<typeof args>;
