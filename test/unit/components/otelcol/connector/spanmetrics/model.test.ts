/** Series, their attributes in order and their counts, for any dimensions, are those of a model as plain as can be (semantics 13.2 to 13.4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Glob } from '#text/glob.ts';
import fc from 'fast-check';
import { requestOf, setUp, SHOP, withHistogram, type Attributes, type TestSpan } from './spans.ts';

interface Dimension {
  readonly name?: string;
  readonly glob?: string;
  readonly default?: string;
}
interface Config {
  readonly shared: readonly Dimension[];
  readonly calls: readonly Dimension[];
  readonly duration: readonly Dimension[];
  readonly events: readonly Dimension[];
  readonly excluded: readonly string[];
}
interface Sent {
  readonly resource: Attributes;
  readonly scope: { readonly name: string; readonly version: string };
  readonly span: TestSpan;
}

const LONG = `a.${'x'.repeat(140)}`;
const NAMES = ['a', 'a.b', 'a.b.c', 'é', LONG, 'd', 'e'];
const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map((k) => `SPAN_KIND_${k}`);
const CODES = ['UNSET', 'OK', 'ERROR'].map((code) => `STATUS_CODE_${code}`);

const block = (kind: string, { name, glob, default: fallback }: Dimension): string =>
  [
    `${kind} {`,
    ...(name === undefined ? [] : [`name = "${name}"`]),
    ...(glob === undefined ? [] : [`glob = "${glob}"`]),
    ...(fallback === undefined ? [] : [`default = "${fallback}"`]),
    '}',
  ].join('\n');
const blocks = (kind: string, all: readonly Dimension[]): string => all.map((one) => block(kind, one)).join('\n');
const configOf = ({ shared, calls, duration, events, excluded }: Config): string =>
  withHistogram(
    `${blocks('dimension', shared)}\n${blocks('calls_dimension', calls)}\nevents {\nenabled = true\n${blocks('dimension', events)}\n}
     exclude_dimensions = ${JSON.stringify(excluded)}\ninclude_instrumentation_scope = ["lib"]`,
    `explicit { }\n${blocks('dimension', duration)}`,
  );

/** Attributes of the series that a span, or one of its events, belongs to. */
function attributesOf({ excluded }: Config, dimensions: readonly Dimension[], sent: Sent, event: Attributes): object {
  const { resource, scope, span } = sent;
  const own = span.attributes ?? {};
  const around: Attributes = { ...resource, ...event };
  const out: Record<string, unknown> = {};
  const fixed: readonly (readonly [string, unknown])[] = [
    ['service.name', resource['service.name']],
    ['span.name', span.name],
    ['span.kind', KINDS[span.kind ?? 2]],
    ['status.code', CODES[span.status ?? 0]],
  ];
  for (const [name, value] of fixed) if (!excluded.includes(name)) out[name] = value;
  if (scope.name === 'lib') {
    out['span.instrumentation.scope.name'] = scope.name;
    if (scope.version !== '') out['span.instrumentation.scope.version'] = scope.version;
  }
  for (const { name, glob, default: fallback } of dimensions) {
    if (name !== undefined) {
      // A default that comes later for the same name counts.
      const last = dimensions.findLast((one) => one.name === name && one.default !== undefined)?.default ?? fallback;
      const value = own[name] ?? around[name] ?? last;
      if (value !== undefined) out[name] ??= value;
      continue;
    }
    const pattern = new Glob(glob!, '.');
    for (const from of [own, around])
      for (const key of Object.keys(from).sort()) if (pattern.test(key)) out[key] ??= from[key];
  }
  return out;
}

const textOf = (one: unknown): string => (typeof one === 'string' ? one : String(Object.values(one as object)[0]));

/** Of a resource, in whatever order. */
const sorted = (resource: object): unknown[] => Object.entries(resource).sort(([a], [b]) => (a < b ? -1 : 1));

function model(config: Config, all: readonly Sent[]): string[] {
  const { shared, calls, duration, events } = config;
  const counts = new Map<string, { shown: string; count: number }>();
  const count = (metric: string, { resource }: Sent, attributes: object): void => {
    // Values with the same text are one series, which shows the first of them.
    const key = `${metric} ${JSON.stringify(sorted(resource))} ${JSON.stringify(Object.entries(attributes).map(([name, one]) => [name, textOf(one)]))}`;
    const series = counts.get(key) ?? {
      shown: `${metric} ${JSON.stringify([sorted(resource), attributes])}`,
      count: 0,
    };
    series.count++;
    counts.set(key, series);
  };
  for (const one of all) {
    count('calls', one, attributesOf(config, [...shared, ...calls], one, {}));
    count('duration', one, attributesOf(config, [...shared, ...duration], one, {}));
    for (const event of one.span.events ?? [])
      count('events', one, attributesOf(config, [...shared, ...events], one, event));
  }
  return [...counts.values()].map((series) => `${series.shown} ${series.count}`).sort();
}

const value = fc.constantFrom<unknown>('x', '', { intValue: '1' }, '1', { boolValue: true }, 'true', 'v'.repeat(200));
const attributes = fc.dictionary(fc.constantFrom(...NAMES, 'other'), value, { maxKeys: 5, noNullPrototype: true });
const named = fc.record(
  { name: fc.constantFrom(...NAMES), default: fc.constantFrom('none', '') },
  { requiredKeys: ['name'] },
);
const glob = fc.record({ glob: fc.constantFrom('**', 'a*', 'a.*', 'a.**', '{d,e}', '?', 'z*') });
/** No name twice, no glob twice, none that matches a name of the same metric or one that is always there. */
const dimensions = (minLength = 0) =>
  fc
    .uniqueArray(fc.oneof<[fc.Arbitrary<Dimension>, fc.Arbitrary<Dimension>]>(named, glob), {
      maxLength: 4,
      minLength,
      selector: ({ name, glob: pattern }) => name ?? pattern,
    })
    .filter((all) => {
      const fixed = ['service.name', 'span.name', 'span.kind', 'status.code'];
      const names = [...fixed, ...all.flatMap((one) => one.name ?? [])];
      return all.every((one) => one.glob === undefined || !names.some((name) => new Glob(one.glob!, '.').test(name)));
    });
const config = fc.record({
  shared: dimensions(),
  calls: dimensions(),
  duration: dimensions(),
  events: dimensions(1),
  excluded: fc.subarray(['service.name', 'span.name', 'span.kind', 'status.code']),
});
const sent = fc.record({
  resource: attributes.map((own): Attributes => ({ ...own, ...SHOP })),
  scope: fc.record({ name: fc.constantFrom('', 'lib', 'other'), version: fc.constantFrom('', '1') }),
  span: fc.record({
    name: fc.constantFrom('GET', '', 'n'.repeat(300)),
    kind: fc.integer({ min: 0, max: 5 }),
    status: fc.integer({ min: 0, max: 2 }),
    attributes,
    events: fc.array(attributes, { maxLength: 2 }),
  }),
});

test('series are those of the model', () => {
  fc.assert(
    fc.property(config, fc.array(sent, { minLength: 1, maxLength: 12 }), (args, spans) => {
      const { offer, harvest } = setUp(configOf(args));
      for (const { resource, span, scope } of spans) offer(requestOf(resource, [span], scope));
      const got = harvest().flatMap(({ group, counted, attributes: shown, resource, values }) => {
        const text = JSON.stringify([sorted(resource.attributes), shown]);
        const metrics = metricsOf(args, group);
        return metrics.map((metric, i) => {
          assert.ok((counted & (1 << i)) !== 0);
          return `${metric} ${text} ${values[i]}`;
        });
      });
      assert.deepEqual(got.sort(), model(args, spans));
    }),
    { numRuns: 150 },
  );
});

/** Calls and duration are one group where they have the same dimensions. */
function metricsOf({ shared, calls, duration }: Config, group: number): readonly string[] {
  const groups = same(shared, calls, duration)
    ? [['calls', 'duration'], ['events']]
    : [['calls'], ['duration'], ['events']];
  return groups[group];
}
function same(shared: readonly Dimension[], a: readonly Dimension[], b: readonly Dimension[]): boolean {
  const of = (own: readonly Dimension[]): string => {
    const all: Dimension[] = [];
    for (const one of [...shared, ...own]) {
      const at = all.findIndex((known) => known.name === one.name && known.glob === one.glob);
      if (at < 0) all.push(one);
      else if (one.default !== undefined) all[at] = { ...all[at], default: one.default };
    }
    return JSON.stringify(all.map(({ name, glob: pattern, default: fallback }) => [name, pattern, fallback]));
  };
  return of(a) === of(b);
}
