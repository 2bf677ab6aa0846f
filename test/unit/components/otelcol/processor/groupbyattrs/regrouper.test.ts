import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import { Regrouper } from '#components/otelcol/processor/groupbyattrs/regrouper.ts';
import { countItems } from '#codec/otlp/count.ts';
import { scan } from '#codec/otlp/scan.ts';
import { METRICS, SIGNALS, TRACES, type Signal } from '#shared/signal.ts';
import { decodeRequest, encodeRequest, listItems, type Plain, type PlainMessage } from '#test/support/otlp-proto.ts';
import { PayloadSource } from '#test/support/payloads.ts';

interface Pair {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}
const pairs = (object: Readonly<Record<string, string>>): Pair[] =>
  Object.entries(object).map(([key, stringValue]) => ({ key, value: { stringValue } }));
const span = (name: string, attributes: Readonly<Record<string, string>> = {}) => ({
  name,
  attributes: pairs(attributes),
});
const entry = (resource: Readonly<Record<string, string>>, ...spans: readonly object[]) => ({
  resource: { attributes: pairs(resource) },
  scopeSpans: [{ scope: { name: 's' }, spans }],
});
const traces = (...resourceSpans: readonly object[]): Buffer => encodeRequest(TRACES, { resourceSpans });

/** `a=1 b=2: s[name{c=3} name] t[...]` of each resource. */
function shown(bytes: Buffer): string[] {
  const text = (attributes: unknown): string =>
    ((attributes ?? []) as Pair[]).map(({ key, value }) => `${key}=${value.stringValue}`).join(' ');
  const { resourceSpans } = decodeRequest(TRACES, bytes) as unknown as {
    resourceSpans: { resource?: PlainMessage; scopeSpans: { scope?: PlainMessage; spans: PlainMessage[] }[] }[];
  };
  return resourceSpans.map(({ resource, scopeSpans }) => {
    const scopes = scopeSpans.map(({ scope, spans }) => {
      const names = spans.map(({ name, attributes }) => {
        const inside = text(attributes);
        return String(name) + (inside === '' ? '' : `{${inside}}`);
      });
      return `${String(scope?.['name'] ?? '')}[${names.join(' ')}]`;
    });
    return `${text(resource?.['attributes'])}: ${scopes.join(' ')}`;
  });
}
const regrouped = (keys: readonly string[], bytes: Buffer): string[] => shown(new Regrouper(keys).run(TRACES, bytes));

describe('with keys', () => {
  it('spans move, with the attributes, to the resource that has these; others stay', () => {
    const request = traces(
      entry(
        { host: 'a' },
        span('1', { pod: 'x', n: '1' }),
        span('2'),
        span('3', { pod: 'y' }),
        span('4', { pod: 'x' }),
      ),
    );
    assert.deepEqual(regrouped(['pod'], request), ['host=a pod=x: s[1{n=1} 4]', 'host=a: s[2]', 'host=a pod=y: s[3]']);
  });

  it('an attribute of the item takes the place of that of the resource', () => {
    const request = traces(entry({ pod: 'old', host: 'a' }, span('1', { pod: 'new' }), span('2', { zone: 'z' })));
    assert.deepEqual(regrouped(['pod', 'zone'], request), ['host=a pod=new: s[1]', 'pod=old host=a zone=z: s[2]']);
  });

  it('resources that become equal are one, across entries, whatever the order of attributes', () => {
    const request = traces(
      entry({ a: '1', b: '2' }, span('1', { c: '3' })),
      entry({ c: '3', b: '2', a: '1' }, span('2')),
      entry({ c: '0', b: '2', a: '1' }, span('3', { c: '3' }), span('4')),
    );
    assert.deepEqual(regrouped(['c'], request), ['a=1 b=2 c=3: s[1 2 3]', 'c=0 b=2 a=1: s[4]']);
  });

  it('empty and repeated keys do nothing; of a repeated attribute the first counts and none stays', () => {
    const twice = { name: '1', attributes: [...pairs({ k: 'first' }), ...pairs({ k: 'second', x: 'y' })] };
    assert.deepEqual(regrouped(['', 'k', 'k'], traces(entry({}, twice))), ['k=first: s[1{x=y}]']);
  });

  it('values of different types are different', () => {
    const typed = (value: object) => ({ name: 'x', attributes: [{ key: 'k', value }] });
    const request = traces(entry({}, typed({ stringValue: '1' }), typed({ intValue: 1 }), typed({ doubleValue: 1 })));
    const { resourceSpans } = decodeRequest(TRACES, new Regrouper(['k']).run(TRACES, request));
    assert.equal((resourceSpans as Plain[]).length, 3);
  });
});

describe('without keys', () => {
  it('equal resources, and equal scopes in them, are merged', () => {
    const request = traces(entry({ a: '1' }, span('1')), entry({ a: '2' }, span('2')), entry({ a: '1' }, span('3')));
    assert.deepEqual(regrouped([], request), ['a=1: s[1 3]', 'a=2: s[2]']);
  });

  it('a request in which nothing is equal is handed on as it is', () => {
    const request = traces(entry({ a: '1' }, span('1')), entry({ a: '2' }, span('2')));
    assert.equal(new Regrouper([]).run(TRACES, request), request);
    assert.equal(new Regrouper(['k']).run(TRACES, request), request);
  });

  for (const [what, changes] of Object.entries({
    'schema URL': { schemaUrl: 'u' },
    'dropped attributes': { resource: { attributes: pairs({ a: '1' }), droppedAttributesCount: 1 } },
    entities: { resource: { attributes: pairs({ a: '1' }), entityRefs: [{ type: 'service', idKeys: ['a'] }] } },
  }))
    it(`resources with another ${what} stay apart`, () => {
      const request = traces(entry({ a: '1' }, span('1')), { ...entry({ a: '1' }, span('2')), ...changes });
      assert.equal(new Regrouper([]).run(TRACES, request), request);
    });

  it('scopes with another version, attribute or schema URL stay apart, with other orders of attributes they do not', () => {
    const scopes = [
      { scope: { name: 's' } },
      { scope: { name: 's', version: '1' } },
      { scope: { name: 's', attributes: pairs({ a: '1', b: '2' }) } },
      { scope: { name: 's' }, schemaUrl: 'u' },
      { scope: { name: 's', attributes: pairs({ b: '2', a: '1' }) } },
    ].map((scope, i) => ({ ...scope, spans: [span(String(i))] }));
    assert.deepEqual(regrouped([], traces({ scopeSpans: scopes })), [': s[0] s[1] s[2 4] s[3]']);
  });

  it('no resource and an empty resource are equal', () => {
    const request = traces(
      { scopeSpans: [{ spans: [span('1')] }] },
      { resource: {}, scopeSpans: [{ scope: {}, spans: [span('2')] }] },
    );
    assert.deepEqual(regrouped([], request), [': [1 2]']);
  });
});

it('keeps fields that nobody knows, and the order of items', () => {
  const unknown = Buffer.from([0xba, 0x06, 0x01, 0x2a]);
  const request = Buffer.concat([traces(entry({ a: '1' }, span('1'))), unknown, traces(entry({ a: '1' }, span('2')))]);
  const made = new Regrouper([]).run(TRACES, request);
  assert.ok(made.includes(unknown));
  assert.deepEqual(shown(made), ['a=1: s[1 2]']);
});

describe('metrics', () => {
  const point = (value: number, attributes: Readonly<Record<string, string>> = {}) => ({
    asInt: value,
    attributes: pairs(attributes),
  });
  const request = (...metrics: readonly object[]): Buffer =>
    encodeRequest(METRICS, { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });

  it('points of one metric go to several resources, each with the head of the metric', () => {
    const dataPoints = [point(1, { k: 'a' }), point(2), point(3, { k: 'a' }), point(4, { k: 'b', x: 'y' })];
    const sum = { aggregationTemporality: 2, isMonotonic: true, dataPoints };
    const made = new Regrouper(['k']).run(METRICS, request({ name: 'm', description: 'd', unit: 'u', sum }));
    const head = { name: 'm', description: 'd', unit: 'u', sum: { aggregationTemporality: 2, isMonotonic: true } };
    const rows = listItems(METRICS, made).map((row) => JSON.parse(row) as PlainMessage[]);
    assert.deepEqual(
      rows.map(([resource, , , , metric, { asInt, attributes }]) => [
        (resource as PlainMessage | null)?.['attributes'],
        metric,
        asInt,
        attributes,
      ]),
      [
        [pairs({ k: 'a' }), head, '1', undefined],
        [pairs({ k: 'a' }), head, '3', undefined],
        [undefined, head, '2', undefined],
        [pairs({ k: 'b' }), head, '4', pairs({ x: 'y' })],
      ],
    );
    assert.equal((JSON.stringify(decodeRequest(METRICS, made)).match(/"name":"m"/g) ?? []).length, 3);
  });

  it('metrics of the same name stay apart when kind, unit or temporality differ', () => {
    const dataPoints = [point(1)];
    const all = request(
      { name: 'm', gauge: { dataPoints } },
      { name: 'm', sum: { dataPoints, aggregationTemporality: 1 } },
      { name: 'm', sum: { dataPoints, aggregationTemporality: 2 } },
      { name: 'm', unit: 's', gauge: { dataPoints } },
    );
    assert.equal(new Regrouper([]).run(METRICS, all), all);
    const again = new Regrouper([]).run(
      METRICS,
      request({ name: 'm', gauge: { dataPoints } }, { name: 'm', gauge: { dataPoints } }),
    );
    assert.equal(countItems(METRICS, again), 2);
    assert.equal((JSON.stringify(decodeRequest(METRICS, again)).match(/"name":"m"/g) ?? []).length, 1);
  });

  for (const kind of ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'])
    it(`attributes of ${kind} points move`, () => {
      const made = new Regrouper(['k']).run(
        METRICS,
        request({ name: 'm', [kind]: { dataPoints: [{ attributes: pairs({ k: '1' }) }] } }),
      );
      const [row] = listItems(METRICS, made).map((text) => JSON.parse(text) as PlainMessage[]);
      assert.deepEqual([row[0], row[5]], [{ attributes: pairs({ k: '1' }) }, {}]);
    });
});

/** What a request says, item by item, with the wanted attributes at the resource: an independent model of the result. */
function model(signal: Signal, bytes: Buffer, keys: readonly string[]): string[] {
  const sorted = (attributes: Plain | undefined): string[] =>
    ((attributes ?? []) as Plain[]).map((one) => JSON.stringify(one)).sort();
  return listItems(signal, bytes)
    .map((text) => {
      const parts = JSON.parse(text) as PlainMessage[];
      const item = parts.at(-1)!;
      const attributes = (item['attributes'] ?? []) as unknown as Pair[];
      const moving = attributes.filter(({ key }) => keys.includes(key));
      const { attributes: own, ...resource } = parts[0] ?? {};
      const stay = ((own ?? []) as unknown as Pair[]).filter(({ key }) => !moving.some((one) => one.key === key));
      const { attributes: ofScope, ...scope } = parts[2] ?? {};
      const kept = attributes.filter(({ key }) => !keys.includes(key)) as unknown as Plain;
      return JSON.stringify([
        sorted([...stay, ...moving] as unknown as Plain),
        resource,
        parts[1],
        sorted(ofScope),
        scope,
        parts[3],
        parts.slice(4, -1),
        { ...item, attributes: kept },
      ]);
    })
    .sort();
}

describe('against a model that decodes', () => {
  const value = fc.constantFrom('1', '2', 'x'.repeat(200));
  const attributes = fc
    .dictionary(fc.constantFrom('a', 'b', 'k', 'longer.key'), value, { maxKeys: 4 })
    .chain((object) => fc.shuffledSubarray(pairs(object), { minLength: Object.keys(object).length }));
  const message = fc.record({ name: fc.constantFrom('', 's', 't'), attributes });
  const items: readonly fc.Arbitrary<object>[] = [
    fc.record({ spans: fc.array(message, { maxLength: 4 }) }),
    fc.record({
      metrics: fc.array(
        fc.record({
          name: fc.constantFrom('m', 'n'),
          gauge: fc.record({ dataPoints: fc.array(fc.record({ asInt: fc.nat(9), attributes }), { maxLength: 3 }) }),
        }),
        { maxLength: 3 },
      ),
    }),
    fc.record({ logRecords: fc.array(fc.record({ severityText: value, attributes }), { maxLength: 4 }) }),
  ];
  const names = [
    ['resourceSpans', 'scopeSpans'],
    ['resourceMetrics', 'scopeMetrics'],
    ['resourceLogs', 'scopeLogs'],
  ];
  const request = (signal: Signal): fc.Arbitrary<Buffer> => {
    const [entries, scopes] = names[signal];
    const scopeEntry = fc.tuple(fc.option(message, { nil: undefined }), items[signal]);
    const scopeList = fc.array(
      scopeEntry.map(([scope, inside]) => (scope === undefined ? inside : { ...inside, scope })),
      { maxLength: 3 },
    );
    const one = fc.tuple(attributes, scopeList, fc.constantFrom('', 'url'));
    return fc.array(one, { maxLength: 4 }).map((list) =>
      encodeRequest(signal, {
        [entries]: list.map(([own, inside, schemaUrl]) => ({
          resource: { attributes: own },
          [scopes]: inside,
          schemaUrl,
        })),
      }),
    );
  };
  const keys = fc.uniqueArray(fc.constantFrom('a', 'k', 'longer.key', 'absent'), { maxLength: 3 });

  for (const signal of SIGNALS)
    test(`signal ${signal}: every item is there once, where it belongs, and no two resources are equal`, () => {
      fc.assert(
        fc.property(request(signal), keys, (bytes, wanted) => {
          const regrouper = new Regrouper(wanted);
          const made = regrouper.run(signal, bytes);
          assert.ok(scan(signal, made, 0, made.length, null) >= 0, 'valid');
          assert.deepEqual(model(signal, made, []), model(signal, bytes, wanted));
          assert.equal(regrouper.moved + regrouper.stayed, countItems(signal, bytes));
          const list = (decodeRequest(signal, made)[names[signal][0]] ?? []) as PlainMessage[];
          if (made === bytes) return;
          const heads = list.map(({ resource, schemaUrl }) =>
            JSON.stringify(
              [((resource as PlainMessage)['attributes'] ?? []) as Plain[], schemaUrl ?? '']
                .flat()
                .map((x) => JSON.stringify(x))
                .sort(),
            ),
          );
          assert.equal(new Set(heads).size, heads.length, 'merged');
          assert.equal(heads.length, regrouper.resources);
          assert.equal(new Regrouper(wanted).run(signal, made), made, 'nothing is left to do');
        }),
      );
    });
});

test('traffic as it is: conserved for each signal', () => {
  const source = new PayloadSource(7);
  const made = [source.traces(400, 8), source.metrics(400, 8), source.logs(400, 8)];
  const keys = ['http.route', 'db.system', 'thread.id', 'service.name'];
  for (const signal of SIGNALS) {
    const bytes = made[signal];
    assert.deepEqual(model(signal, new Regrouper(keys).run(signal, bytes), []), model(signal, bytes, keys));
  }
});
