/** loki.echo has no arguments. */
import { body, type Infer } from '#config/schema/schema.ts';

export const args = body({});
export type Args = Infer<typeof args>;
