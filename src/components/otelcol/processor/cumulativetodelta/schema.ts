/** Arguments of otelcol.processor.cumulativetodelta. */
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { duration, list, oneOf, string } from '#config/schema/types.ts';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { GoRegex, RegexError } from '#text/regex.ts';

const matchBody = body(
  {
    metrics: attr(list(string), {
      default: [],
      doc: 'Names of metrics, or patterns of which one has to match somewhere in the name.',
    }),
    match_type: attr(oneOf('strict', 'regexp'), {
      doc: 'What `metrics` are: `strict` names or `regexp` patterns.',
    }),
    metric_types: attr(list(oneOf('sum', 'histogram')), {
      default: [],
      doc: 'Types of metrics: `sum`, `histogram`. None means all.',
    }),
  },
  (a, error) => {
    if (a.metrics.length > 0 && a.match_type === undefined) error('metrics', 'match_type must be set if metrics are');
    if (a.metrics.length === 0 && a.match_type !== undefined)
      error('match_type', 'metrics must be given if match_type is');
    if (a.match_type !== 'regexp') return;
    for (const pattern of a.metrics) {
      try {
        void new GoRegex(pattern);
      } catch (thrown) {
        if (!(thrown instanceof RegexError)) throw thrown;
        error('metrics', thrown.message);
      }
    }
  },
);
export type Match = Infer<typeof matchBody>;

export const args = body(
  {
    max_staleness: attr(duration, {
      default: 0,
      doc: 'How long after its last data point a stream is forgotten. 0 means never.',
    }),
    initial_value: attr(oneOf('auto', 'keep', 'drop'), {
      default: 'auto',
      doc: 'What becomes of the first value of a stream: `keep` takes it as a delta, `drop` leaves it out, `auto` keeps it only if the stream has started after the collector.',
    }),
    include: block(matchBody, { optional: true, doc: 'Which metrics to convert; without it all.' }),
    exclude: block(matchBody, { optional: true, doc: 'Which metrics not to convert, even if included.' }),
    output: outputBlock,
    debug_metrics: debugMetricsBlock,
  },
  (a, error) => {
    if (a.max_staleness < 0) error('max_staleness', 'max_staleness must not be negative');
  },
);
export type Args = Infer<typeof args>;
