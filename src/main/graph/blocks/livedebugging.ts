/** The `livedebugging` block. Facts: grafana/alloy v1.18 `internal/service/livedebugging/service.go`. */
import { attr, body } from '#config/schema/schema.ts';
import { bool } from '#config/schema/types.ts';
import { configBlock } from './config-block.ts';

export const livedebugging = configBlock({
  name: 'livedebugging',
  stability: 'generally-available',
  summary: 'Accepted, without effect: no component streams its data to the UI yet.',
  args: body({
    enabled: attr(bool, {
      default: false,
      doc: 'Whether components may be watched live; a warning says that none can be.',
    }),
  }),
  remarks: ({ enabled }) => (enabled ? ['live debugging is not available yet: livedebugging has no effect'] : []),
});
