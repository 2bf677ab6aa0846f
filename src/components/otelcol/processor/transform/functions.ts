/** The functions that statements of this component have: the common ones, and its own. */
import { withEditors } from '#ottl/editors/library.ts';
import type { Converter, Editor } from '#ottl/functions/function.ts';
import { withConverters } from '#ottl/functions/library.ts';
import { AGGREGATE } from './functions/aggregate.ts';
import { CONVERT_KIND } from './functions/convert-kind.ts';
import { CONVERT_SUMMARY } from './functions/convert-summary.ts';
import { COPY_METRIC } from './functions/copy-metric.ts';
import { exponentialToHistogram } from './functions/exponential-to-histogram.ts';
import { EXTRACT_METRIC } from './functions/extract-metric.ts';
import { EXTRACT_PERCENTILE } from './functions/extract-percentile.ts';
import { MERGE_BUCKETS } from './functions/merge-buckets.ts';
import { PARSE_LOGS } from './functions/parse-logs.ts';
import { SCALE_METRIC } from './functions/scale-metric.ts';
import { SPAN_NAME } from './functions/span-name.ts';

/** Beside the common ones. */
export const OWN_EDITORS: readonly Editor[] = [
  ...CONVERT_KIND,
  ...EXTRACT_METRIC,
  EXTRACT_PERCENTILE,
  ...CONVERT_SUMMARY,
  COPY_METRIC,
  SCALE_METRIC,
  ...AGGREGATE,
  MERGE_BUCKETS,
  exponentialToHistogram(),
  SPAN_NAME,
];
export const OWN_CONVERTERS: readonly Converter[] = PARSE_LOGS;

export const EDITORS = withEditors(...OWN_EDITORS);
export const FUNCTIONS = withConverters(...OWN_CONVERTERS);
