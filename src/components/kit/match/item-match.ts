/**
 * Which items a processor works on, compiled from its blocks `include` and `exclude`: those that the first matches, where it is there,
 * and the second does not. What depends on the resource or the scope alone is decided once for each of them.
 *
 * Lists match by any of their texts, attributes by all, different settings all together. Facts: Collector contrib
 * `internal/filter/{filterspan,filterlog,filtermetric,filtermatcher}`; of metrics only names are looked at there, and here.
 * Worker threads.
 */
import { LOG_RECORD, METRIC, RESOURCE, SCOPE, SPAN } from '#codec/otlp/fields.ts';
import type { Message } from '#codec/otlp/message.ts';
import { peek } from '#codec/otlp/peek.ts';
import { StringValue } from '#codec/otlp/string-value.ts';
import { valueText } from '#codec/otlp/value-text.ts';
import { VARINT } from '#codec/protobuf/limits.ts';
import type { MatchArgs } from '#components/kit/blocks/match.ts';
import { plainValue } from '#components/kit/blocks/plain-value.ts';
import type { Telemetry } from '#ottl/telemetry.ts';
import { LOGS, METRICS, TRACES, type Signal } from '#shared/signal.ts';
import { AttributeMatch, type WantedAttribute } from './attribute-match.ts';
import { severityNumber } from './severity.ts';
import { SPAN_KINDS } from './span-kinds.ts';
import { matchesText, textMatch, type TextMatch, type TextMatching } from './text-match.ts';

type Test = (t: Telemetry) => boolean;

/** Verdicts of patterns that are remembered where `regexp` does not say how many, and at most. */
const CACHE_SIZE = 1024;
const MOST_CACHED = 65536;

const SERVICE_NAME = Buffer.from('service.name');
/** What a service without a name is compared as. */
const NO_SERVICE = '<nil-service-name>';

/** Tests of one block, by what they depend on. */
interface Tests {
  readonly resource: readonly Test[];
  readonly scope: readonly Test[];
  readonly item: readonly Test[];
}

export class ItemMatch {
  readonly #include: BlockMatch | null;
  readonly #exclude: BlockMatch | null;
  /** `resource` and `scope` have to be called. */
  readonly looksAround: boolean;
  /** It passes every item. */
  readonly passesAll: boolean;

  constructor(include: MatchArgs | undefined, exclude: MatchArgs | undefined, signal: Signal) {
    this.#include = blockMatch(include, signal);
    this.#exclude = blockMatch(exclude, signal);
    this.passesAll = this.#include === null && this.#exclude === null;
    this.looksAround = this.#include?.looksAround === true || this.#exclude?.looksAround === true;
  }

  /** Turned to the next resource. */
  readonly resource = (t: Telemetry): true => {
    this.#include?.resource(t);
    this.#exclude?.resource(t);
    return true;
  };

  /** Turned to the next scope. */
  readonly scope = (t: Telemetry): true => {
    this.#include?.scope(t);
    this.#exclude?.scope(t);
    return true;
  };

  /** Whether the item at hand (a span, a metric or a log record) is one of those. */
  passes(t: Telemetry): boolean {
    if (this.#include !== null && !this.#include.matches(t)) return false;
    return this.#exclude === null || !this.#exclude.matches(t);
  }
}

class BlockMatch {
  readonly #tests: Tests;
  #resourceMatches = true;
  #aroundMatches = true;
  readonly looksAround: boolean;

  constructor(tests: Tests) {
    this.#tests = tests;
    this.looksAround = tests.resource.length + tests.scope.length > 0;
  }

  resource(t: Telemetry): void {
    this.#resourceMatches = all(this.#tests.resource, t);
  }

  scope(t: Telemetry): void {
    this.#aroundMatches = this.#resourceMatches && all(this.#tests.scope, t);
  }

  matches(t: Telemetry): boolean {
    return this.#aroundMatches && all(this.#tests.item, t);
  }
}

function all(tests: readonly Test[], t: Telemetry): boolean {
  for (let i = 0; i < tests.length; i++) if (!tests[i](t)) return false;
  return true;
}

function blockMatch(args: MatchArgs | undefined, signal: Signal): BlockMatch | null {
  if (args === undefined) return null;
  const matching = matchingOf(args);
  if (signal === METRICS) {
    // Without names there is nothing to compare, and it is as if the block were not there.
    const names = textMatch(args.metric_names, matching);
    return names === null
      ? null
      : new BlockMatch({ resource: [], scope: [], item: [fieldTest((t) => t.metric, METRIC.name, names)] });
  }
  return new BlockMatch({
    resource: [
      ...(signal === TRACES ? serviceTest(textMatch(args.services, matching)) : []),
      ...attributeTest(args.resource, matching, (t) => t.resource, RESOURCE.attributes),
    ],
    scope: libraryTest(args.library, matching),
    item:
      signal === LOGS
        ? [
            ...severityTest(args.log_severity),
            ...optional(textMatch(args.log_severity_texts, matching), (m) =>
              fieldTest((t) => t.log, LOG_RECORD.severityText, m),
            ),
            ...optional(textMatch(args.log_bodies, matching), bodyTest),
            ...attributeTest(args.attribute, matching, (t) => t.log, LOG_RECORD.attributes),
          ]
        : [
            ...optional(textMatch(args.span_names, matching), (m) => fieldTest((t) => t.span, SPAN.name, m)),
            ...optional(textMatch(args.span_kinds, matching), kindTest),
            ...attributeTest(args.attribute, matching, (t) => t.span, SPAN.attributes),
          ],
  });
}

function matchingOf({ match_type: type, regexp }: MatchArgs): TextMatching {
  const wanted = regexp?.cache_enabled === true ? regexp.cache_max_num_entries : 0;
  return { type, cacheSize: wanted > 0 ? Math.min(wanted, MOST_CACHED) : CACHE_SIZE };
}

function optional<M>(match: M | null, test: (match: M) => Test): readonly Test[] {
  return match === null ? [] : [test(match)];
}

const EMPTY = Buffer.alloc(0);

function fieldTest(of: (t: Telemetry) => Message, field: number, match: TextMatch): Test {
  return (t) => {
    const message = of(t);
    return peek(message, field) ? match.matches(message.buf, message.start, message.stop) : match.matches(EMPTY, 0, 0);
  };
}

function kindTest(match: TextMatch): Test {
  const verdicts = SPAN_KINDS.map((kind) => matchesText(match, kind));
  const other = matchesText(match, '');
  return ({ span }) => {
    if (!peek(span, SPAN.kind, VARINT)) return verdicts[0];
    const { buf, start, stop } = span;
    return stop - start === 1 ? (verdicts[buf[start]] ?? other) : (verdicts[span.uint32(SPAN.kind)] ?? other);
  };
}

/** The value as text, by its bytes where it is a string. */
function valueTest(match: TextMatch): (message: Message) => boolean {
  const text = new StringValue();
  return ({ buf, start, stop }) =>
    text.read(buf, start, stop)
      ? match.matches(buf, text.start, text.stop)
      : matchesText(match, valueText(buf, start, stop));
}

function bodyTest(match: TextMatch): Test {
  const test = valueTest(match);
  return ({ log }) => (peek(log, LOG_RECORD.body) ? test(log) : match.matches(EMPTY, 0, 0));
}

function serviceTest(match: TextMatch | null): readonly Test[] {
  if (match === null) return [];
  const test = valueTest(match);
  const nameless = matchesText(match, NO_SERVICE);
  return [({ resource }) => (resource.find(RESOURCE.attributes, SERVICE_NAME) ? test(resource) : nameless)];
}

/** Any of the libraries: the Collector's documentation says so, its code asks for all, so that two names never match. */
function libraryTest(libraries: MatchArgs['library'], matching: TextMatching): readonly Test[] {
  if (libraries.length === 0) return [];
  const tests = libraries.map(({ name, version }) => [
    fieldTest((t) => t.scope, SCOPE.name, textMatch([name], matching)!),
    ...(version === undefined ? [] : [fieldTest((t) => t.scope, SCOPE.version, textMatch([version], matching)!)]),
  ]);
  return [(t) => tests.some((one) => all(one, t))];
}

function attributeTest(
  wanted: MatchArgs['attribute'],
  matching: TextMatching,
  of: (t: Telemetry) => Message,
  field: number,
): readonly Test[] {
  if (wanted.length === 0) return [];
  const attributes = wanted.map(({ key, value }): WantedAttribute => {
    return { key, value: value === undefined ? undefined : plainValue(value) };
  });
  const match = new AttributeMatch(attributes, matching);
  return [(t) => match.matches(of(t), field)];
}

function severityTest(severity: MatchArgs['log_severity']): readonly Test[] {
  if (severity === undefined) return [];
  const least = severityNumber(severity.min);
  const { match_undefined: undefinedMatches } = severity;
  return [
    ({ log }) => {
      const number = peek(log, LOG_RECORD.severityNumber, VARINT) ? log.uint32(LOG_RECORD.severityNumber) : 0;
      return number === 0 ? undefinedMatches : number >= least;
    },
  ];
}
