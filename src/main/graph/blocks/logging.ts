/**
 * The `logging` block. Facts: grafana/alloy v1.18 `internal/runtime/logging/options.go`.
 */
import { attr, body } from '#config/schema/schema.ts';
import { capsuleLater, list, oneOf } from '#config/schema/types.ts';
import { configBlock } from './config-block.ts';

const args = body(
  {
    level: attr(oneOf('error', 'warn', 'info', 'debug'), {
      default: 'info',
      doc: 'The least grave lines that are written.',
    }),
    format: attr(oneOf('logfmt', 'json'), { default: 'logfmt', doc: 'How a line is written.' }),
    write_to: attr(
      list(capsuleLater('loki.LogsReceiver', "cannot receive the collector's own log yet: collect its stderr")),
      {
        default: [],
        doc: 'Log receivers that get every line as well.',
      },
    ),
    destination: attr(oneOf('stderr', 'windows_event_log'), { default: 'stderr', doc: 'Where lines go.' }),
  },
  (args, error) => {
    if (args.destination !== 'stderr')
      error('destination', 'the Windows event log is not available yet: logs go to stderr');
  },
);

export const logging = configBlock({
  name: 'logging',
  stability: 'generally-available',
  summary: 'How the collector writes its own log.',
  args,
});
