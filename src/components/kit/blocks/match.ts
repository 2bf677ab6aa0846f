/**
 * `include { ... }` and `exclude { ... }`: which spans, metrics or log records a processor works on. What they mean stands in
 * `kit/match/item-match.ts`. Rules: Collector contrib `internal/filter/filterconfig`, grafana/alloy `config_filter.go`.
 */
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { any, bool, int, list, oneOf, string } from '#config/schema/types.ts';
import type { ConsumerCapsule } from '#config/schema/types.ts';
import { GoRegex, RegexError } from '#text/regex.ts';
import { SPAN_KINDS } from '#components/kit/match/span-kinds.ts';
import { SEVERITIES } from '#components/kit/match/severity.ts';
import { plainValue } from './plain-value.ts';

/** Those that the Collector takes when they are compared strictly. */
const KINDS = SPAN_KINDS.slice(1).toSorted();

const attributeBody = body(
  {
    key: attr(string, { required: true, doc: 'Name of the attribute.' }),
    value: attr(any, { doc: 'Value that it must have. Without it any value matches.' }),
  },
  (a, error) => {
    if (a.key === '') error('key', 'key must not be empty');
    if (a.value !== undefined && plainValue(a.value) === undefined)
      error('value', 'value should be a string, a number, a bool, a list or an object of such values');
  },
);

const libraryBody = body({
  name: attr(string, { required: true, doc: 'Name of the instrumentation scope.' }),
  version: attr(string, { doc: 'Version of the scope. Without it any version matches.' }),
});

const severityBody = body({
  min: attr(oneOf(...SEVERITIES), { required: true, doc: 'Lowest severity that matches.' }),
  match_undefined: attr(bool, { required: true, doc: 'Whether log records without a severity match.' }),
});

const regexpBody = body(
  {
    cache_enabled: attr(bool, {
      default: false,
      otelcol: { key: 'cacheenabled' },
      doc: 'Whether `cache_max_num_entries` says how many verdicts are remembered.',
    }),
    cache_max_num_entries: attr(int, {
      default: 0,
      otelcol: { key: 'cachemaxnumentries' },
      doc: 'How many verdicts are remembered for each list of patterns; 0 stands for 1024.',
    }),
  },
  (a, error) => {
    if (a.cache_max_num_entries < 0) error('cache_max_num_entries', 'cache_max_num_entries must not be negative');
  },
);

const texts = (doc: string) => attr(list(string), { default: [], doc });

const matchBody = body(
  {
    match_type: attr(oneOf('strict', 'regexp'), {
      required: true,
      doc: 'Whether texts must be equal, or are RE2 regular expressions that are searched for.',
    }),
    regexp: block(regexpBody, { optional: true, doc: 'How many verdicts of regular expressions are remembered.' }),
    services: texts('Values of `service.name`, any of which matches. For traces.'),
    span_names: texts('Names of spans, any of which matches. For traces.'),
    log_bodies: texts('Bodies of log records as text, any of which matches. For logs.'),
    log_severity_texts: texts('Severity texts of log records, any of which matches. For logs.'),
    log_severity: block(severityBody, {
      optional: true,
      otelcol: { key: 'log_severity_number' },
      doc: 'How severe log records must be. For logs.',
    }),
    metric_names: texts('Names of metrics, any of which matches. Nothing else is compared of metrics.'),
    attribute: block(attributeBody, {
      many: true,
      otelcol: { key: 'attributes' },
      doc: 'An attribute that spans or log records must have; of several blocks all must match.',
    }),
    resource: block(attributeBody, {
      many: true,
      otelcol: { key: 'resources' },
      doc: 'An attribute that the resource must have; of several blocks all must match.',
    }),
    library: block(libraryBody, {
      many: true,
      otelcol: { key: 'libraries' },
      doc: 'The instrumentation scope; of several blocks any matches.',
    }),
    span_kinds: texts('Kinds of spans like `SPAN_KIND_SERVER`, any of which matches. For traces.'),
  },
  (a, error) => {
    if (a.match_type === 'strict') {
      if (a.span_kinds.some((kind) => !KINDS.some((known) => known === kind)))
        error('span_kinds', `span_kinds should be some of ${KINDS.join(', ')} when match_type is "strict"`);
      return;
    }
    for (const key of TEXTS)
      for (const pattern of a[key]) {
        const wrong = patternProblem(pattern);
        if (wrong !== null) error(key, wrong);
      }
    for (const key of ['attribute', 'resource'] as const)
      a[key].forEach(({ value }, i) => {
        if (value === undefined) return;
        const wrong =
          typeof value === 'string' ? patternProblem(value) : 'value should be a string when match_type is "regexp"';
        if (wrong !== null) error(key, wrong, i);
      });
    a.library.forEach(({ name, version }, i) => {
      const wrong = patternProblem(name) ?? patternProblem(version ?? '');
      if (wrong !== null) error('library', wrong, i);
    });
  },
);
export type MatchArgs = Infer<typeof matchBody>;

const TEXTS = ['services', 'span_names', 'span_kinds', 'log_bodies', 'log_severity_texts', 'metric_names'] as const;

export const includeBlock = block(matchBody, {
  optional: true,
  doc: 'What the processor works on. Without it, on everything.',
});
export const excludeBlock = block(matchBody, {
  optional: true,
  doc: 'What the processor leaves as it is, also where `include` matches.',
});

/** null: the pattern can be used. */
export function patternProblem(pattern: string): string | null {
  try {
    new GoRegex(pattern);
    return null;
  } catch (thrown) {
    if (thrown instanceof RegexError) return thrown.message;
    throw thrown;
  }
}

interface Matching {
  readonly include: MatchArgs | undefined;
  readonly exclude: MatchArgs | undefined;
  readonly output: {
    readonly traces: readonly ConsumerCapsule[];
    readonly logs: readonly ConsumerCapsule[];
  };
}

/** Which settings can be used depends on the signals that go on to somewhere, as in Alloy. */
export function checkMatch(
  { include, exclude, output }: Matching,
  error: (name: 'include' | 'exclude', message: string) => void,
): void {
  for (const [name, args] of [
    ['include', include],
    ['exclude', exclude],
  ] as const) {
    if (args === undefined) continue;
    const wrong =
      (output.traces.length > 0 ? spansProblem(args) : null) ?? (output.logs.length > 0 ? logsProblem(args) : null);
    if (wrong !== null) error(name, `${name}: ${wrong}`);
  }
}

function spansProblem(a: MatchArgs): string | null {
  for (const key of ['log_bodies', 'log_severity_texts'] as const)
    if (a[key].length > 0) return `${key} should not be specified for traces, which go on to output.traces`;
  if (a.log_severity !== undefined)
    return 'log_severity should not be specified for traces, which go on to output.traces';
  const { services, span_names: names, span_kinds: kinds } = a;
  const given = [services, names, kinds, a.attribute, a.resource, a.library].some((one) => one.length > 0);
  return given
    ? null
    : 'for traces at least one of services, span_names, span_kinds, attribute, resource or library must be specified';
}

function logsProblem(a: MatchArgs): string | null {
  for (const key of ['services', 'span_names', 'span_kinds'] as const)
    if (a[key].length > 0) return `${key} should not be specified for logs, which go on to output.logs`;
  const { log_bodies: bodies, log_severity_texts: severities } = a;
  const given = [bodies, severities, a.attribute, a.resource, a.library].some((one) => one.length > 0);
  return given || a.log_severity !== undefined
    ? null
    : 'for logs at least one of log_bodies, log_severity_texts, log_severity, attribute, resource or library must be specified';
}
