/** Arguments of otelcol.exporter.debug. */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { bool, int, list, oneOf, string } from '#config/schema/types.ts';
import { type } from '#config/schema/type.ts';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';

const word = oneOf('basic', 'normal', 'detailed');
/** In any case, as Alloy takes it. */
const verbosity = type(
  word.name,
  (value) => word.decode(typeof value === 'string' ? value.toLowerCase() : value),
  (chosen) => chosen,
);

/** The Collector's own spelling of the level. */
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const STDOUT: readonly string[] = ['stdout'];

export const args = body(
  {
    verbosity: attr(verbosity, {
      default: 'basic',
      otelcol: { default: 'basic', word: capital },
      doc: 'How much is printed: `basic`, `normal` or `detailed`.',
    }),
    sampling_initial: attr(int, {
      default: 2,
      doc: 'Number of batches of each signal that are printed in each second before sampling starts.',
    }),
    sampling_thereafter: attr(int, {
      default: 1,
      doc: 'After the initial ones every so many batches are printed; 1 prints all, 0 none.',
    }),
    use_internal_logger: attr(bool, {
      default: true,
      doc: 'Whether to print through the log instead of to `output_paths`.',
    }),
    output_paths: attr(list(string), {
      default: STDOUT,
      otelcol: { unset: true },
      doc: 'Where to print when `use_internal_logger` is false: `stdout`, `stderr` or paths of files, which are appended to.',
    }),
    debug_metrics: debugMetricsBlock,
  },
  (a, error) => {
    if (a.sampling_initial < 0) error('sampling_initial', 'sampling_initial must not be negative');
    if (a.sampling_thereafter < 0) error('sampling_thereafter', 'sampling_thereafter must not be negative');
    if (a.use_internal_logger && a.output_paths.join('\n') !== STDOUT.join('\n')) {
      error(
        'output_paths',
        'output_paths has no effect while use_internal_logger is true; set use_internal_logger = false',
      );
    }
    if (!a.use_internal_logger && a.output_paths.length === 0) {
      error('output_paths', 'output_paths must not be empty when use_internal_logger is false');
    }
  },
  { collectorOnly: ['sending_queue'] },
);
export type Args = Infer<typeof args>;
