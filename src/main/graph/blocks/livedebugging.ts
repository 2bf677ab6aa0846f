/** The `livedebugging` block. There is no live stream yet: the block is accepted, and `enabled` is told to have no effect. */
import { attr, body } from '#config/schema/schema.ts';
import { bool } from '#config/schema/types.ts';
import { configBlock } from './config-block.ts';

export const livedebugging = configBlock({
  name: 'livedebugging',
  stability: 'generally-available',
  summary: 'Accepted for the sake of existing configurations; there is no live debugging yet.',
  args: body({ enabled: attr(bool, { default: false, doc: 'No effect yet.' }) }),
});
