/** Enums of OTTL: names of numbers, those of OTLP and pdata. Facts: the READMEs of Collector contrib `pkg/ottl/contexts`. */
export type Enums = Readonly<Record<string, number>>;

const numbered = (prefix: string, ...words: string[]): Enums =>
  Object.fromEntries(words.map((word, i) => [`${prefix}_${word}`, i]));

export const SPAN_ENUMS: Enums = {
  ...numbered('SPAN_KIND', 'UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'),
  ...numbered('STATUS_CODE', 'UNSET', 'OK', 'ERROR'),
};

export const LOG_ENUMS: Enums = numbered(
  'SEVERITY_NUMBER',
  'UNSPECIFIED',
  ...['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((word) => ['', '2', '3', '4'].map((n) => word + n)),
);

export const DATA_ENUMS: Enums = {
  ...numbered('AGGREGATION_TEMPORALITY', 'UNSPECIFIED', 'DELTA', 'CUMULATIVE'),
  ...numbered('METRIC_DATA_TYPE', 'NONE', 'GAUGE', 'SUM', 'HISTOGRAM', 'EXPONENTIAL_HISTOGRAM', 'SUMMARY'),
  ...numbered('FLAG', 'NONE', 'NO_RECORDED_VALUE'),
};
