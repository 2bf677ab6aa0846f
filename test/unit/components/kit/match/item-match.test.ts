import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkMatch, excludeBlock, includeBlock } from '#components/kit/blocks/match.ts';
import { BatchEditor } from '#components/kit/edit/batch-editor.ts';
import { ItemMatch } from '#components/kit/match/item-match.ts';
import { body } from '#config/schema/schema.ts';
import { LOGS, METRICS, TRACES, type Signal } from '#shared/signal.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';
import { pairsOf, valueOf, type Attributes, type Plain } from '#test/support/edited.ts';
import { encodeRequest } from '#test/support/otlp-proto.ts';

const schema = body({ include: includeBlock, exclude: excludeBlock });
const RESOURCE = ['resourceSpans', 'resourceMetrics', 'resourceLogs'] as const;
const SCOPE = ['scopeSpans', 'scopeMetrics', 'scopeLogs'] as const;
const ITEM = ['spans', 'metrics', 'logRecords'] as const;

interface Item {
  readonly resource?: Attributes;
  readonly scope?: object;
  readonly attributes?: Attributes;
  readonly [field: string]: unknown;
}

/** Which of the items, each in a resource of its own, pass. */
function passing(text: string, signal: Signal, items: readonly Item[]): boolean[] {
  const { include, exclude } = argsOf(schema, text);
  const match = new ItemMatch(include, exclude, signal);
  const seen: boolean[] = [];
  const item = (t: Parameters<typeof match.passes>[0]): true => {
    seen.push(match.passes(t));
    return true;
  };
  const entries = items.map(({ resource = {}, scope = {}, attributes = {}, ...fields }) => ({
    resource: { attributes: pairsOf(resource) },
    [SCOPE[signal]]: [{ scope, [ITEM[signal]]: [{ ...fields, attributes: pairsOf(attributes) }] }],
  }));
  new BatchEditor().run(signal, encodeRequest(signal, { [RESOURCE[signal]]: entries }), items.length, {
    resource: match.resource,
    scope: match.scope,
    ...(signal === TRACES ? { span: item } : signal === METRICS ? { metric: item } : { log: item }),
  });
  return seen;
}
const include = (type: string, ...lines: readonly string[]): string =>
  `include {\nmatch_type = "${type}"\n${lines.join('\n')}\n}`;

const named = (name: string): Item => ({ name });
const service = (name: Plain): Item => ({ resource: { 'service.name': name } });
const having = (...values: readonly Plain[]): Item[] => values.map((a) => ({ attributes: { a } }));

describe('spans', () => {
  const cases: readonly [string, string, readonly Item[], readonly boolean[]][] = [
    [
      'names, any of them',
      include('strict', 'span_names = ["a", "b"]'),
      ['a', 'b', 'ab', 'A'].map(named),
      [true, true, false, false],
    ],
    ['no name', include('strict', 'span_names = [""]'), [{}, named('a')], [true, false]],
    [
      'names by pattern, unanchored',
      include('regexp', 'span_names = ["^/a", "z$"]'),
      ['/ab', 'b/a', 'xyz', '/ab'].map(named),
      [true, false, true, true],
    ],
    [
      'services',
      include('strict', 'services = ["a", "7"]'),
      [service('a'), service('b'), service(7n), {}],
      [true, false, true, false],
    ],
    [
      'no service',
      include('strict', 'services = ["<nil-service-name>"]'),
      [{}, service('a'), service('')],
      [true, false, false],
    ],
    [
      'services by pattern',
      include('regexp', 'services = ["^shop-"]'),
      [service('shop-a'), service('a-shop-')],
      [true, false],
    ],
    [
      'kinds',
      include('strict', 'span_kinds = ["SPAN_KIND_SERVER", "SPAN_KIND_CLIENT"]'),
      [{ kind: 2 }, { kind: 3 }, { kind: 1 }, {}],
      [true, true, false, false],
    ],
    [
      'kinds by pattern',
      include('regexp', 'span_kinds = ["ER$", "UNSPEC"]'),
      [{ kind: 2 }, { kind: 5 }, { kind: 3 }, {}],
      [true, true, false, true],
    ],
    [
      'an attribute of any value',
      include('strict', 'attribute {\nkey = "a"\n}'),
      [...having(1n, null, ['x']), { attributes: { b: 1n } }, {}],
      [true, true, true, false, false],
    ],
    [
      'strings are equal',
      include('strict', 'attribute {\nkey = "a"\nvalue = "1"\n}'),
      having('1', 1n, 1, '11', ''),
      [true, false, false, false, false],
    ],
    [
      'ints are equal',
      include('strict', 'attribute {\nkey = "a"\nvalue = 1\n}'),
      having(1n, '1', 1, 2n),
      [true, false, false, false],
    ],
    [
      'doubles are equal',
      include('strict', 'attribute {\nkey = "a"\nvalue = 1.5\n}'),
      having(1.5, '1.5', 1n),
      [true, false, false],
    ],
    [
      'bools are equal',
      include('strict', 'attribute {\nkey = "a"\nvalue = true\n}'),
      having(true, false, 'true'),
      [true, false, false],
    ],
    [
      'lists are equal',
      include('strict', 'attribute {\nkey = "a"\nvalue = [1, "x"]\n}'),
      having([1n, 'x'], [1n], ['x', 1n], 'x'),
      [true, false, false, false],
    ],
    [
      'maps are equal, in any order',
      include('strict', 'attribute {\nkey = "a"\nvalue = { x = 1, y = 2 }\n}'),
      having({ x: 1n, y: 2n }, { y: 2n, x: 1n }, { x: 1n }, { x: 1n, z: 2n }),
      [true, true, false, false],
    ],
    [
      'all attributes',
      include('strict', 'attribute {\nkey = "a"\n}', 'attribute {\nkey = "b"\nvalue = 1\n}'),
      [{ attributes: { a: 1n, b: 1n } }, { attributes: { a: 1n } }, { attributes: { b: 1n } }],
      [true, false, false],
    ],
    [
      'texts of values by pattern',
      include('regexp', 'attribute {\nkey = "a"\nvalue = "^1"\n}'),
      having('12', 1n, 21n, 1.5, 1e21, Buffer.from('1'), ['1'], null),
      [true, true, false, true, true, false, false, false],
    ],
    [
      'doubles are plain in texts',
      include('regexp', 'attribute {\nkey = "a"\nvalue = "^10{21}$|^0[.]0{6}1$"\n}'),
      having(1e21, 1e-7, 1e20),
      [true, true, false],
    ],
    [
      'bools by pattern',
      include('regexp', 'attribute {\nkey = "a"\nvalue = "^t"\n}'),
      having(true, false),
      [true, false],
    ],
    [
      'resource attributes, all',
      include('strict', 'resource {\nkey = "x"\nvalue = 1\n}', 'resource {\nkey = "y"\n}'),
      [{ resource: { x: 1n, y: 'z' } }, { resource: { x: 1n } }, { attributes: { x: 1n, y: 1n } }],
      [true, false, false],
    ],
    [
      'libraries, any: the Collector wants all',
      include('strict', 'library {\nname = "l"\n}', 'library {\nname = "m"\nversion = "2"\n}'),
      [{ name: 'l', version: '9' }, { name: 'm', version: '2' }, { name: 'm', version: '1' }, { name: 'n' }, {}].map(
        (scope) => ({ scope }),
      ),
      [true, true, false, false, false],
    ],
    [
      'an empty version',
      include('strict', 'library {\nname = "l"\nversion = ""\n}'),
      [{ name: 'l' }, { name: 'l', version: '1' }].map((scope) => ({ scope })),
      [true, false],
    ],
    [
      'libraries by pattern',
      include('regexp', 'library {\nname = "^go[.]"\nversion = "^1"\n}'),
      [
        { name: 'go.x', version: '1.2' },
        { name: 'go.x', version: '2' },
      ].map((scope) => ({ scope })),
      [true, false],
    ],
    [
      'different settings, all',
      include('strict', 'services = ["s"]', 'span_names = ["a"]', 'span_kinds = ["SPAN_KIND_SERVER"]'),
      [
        { ...service('s'), name: 'a', kind: 2 },
        { ...service('t'), name: 'a', kind: 2 },
        { ...service('s'), name: 'b', kind: 2 },
        { ...service('s'), name: 'a' },
      ],
      [true, false, false, false],
    ],
    [
      'exclude alone',
      include('strict', 'span_names = ["a"]').replace('include', 'exclude'),
      ['a', 'b'].map(named),
      [false, true],
    ],
    [
      'exclude wins',
      `${include('regexp', 'span_names = ["a"]')}\n${include('strict', 'services = ["s"]').replace('include', 'exclude')}`,
      [
        { ...service('s'), name: 'a' },
        { ...service('t'), name: 'a' },
        { ...service('t'), name: 'b' },
      ],
      [false, true, false],
    ],
    ['neither', '', [{}], [true]],
  ];
  for (const [name, text, items, expected] of cases)
    it(name, () => assert.deepEqual(passing(text, TRACES, items), expected));
});

describe('log records', () => {
  const bodies = (...values: readonly Plain[]): Item[] => values.map((value) => ({ body: valueOf(value) }));
  const severity = (undefinedMatches: boolean): string =>
    include('strict', `log_severity {\nmin = "WARN2"\nmatch_undefined = ${undefinedMatches}\n}`);
  const cases: readonly [string, string, readonly Item[], readonly boolean[]][] = [
    [
      'bodies',
      include('strict', 'log_bodies = ["a", "1", "{\\"k\\":1}"]'),
      [...bodies('a', 1n, { k: 1n }, 'b'), {}],
      [true, true, true, false, false],
    ],
    [
      'bodies by pattern',
      include('regexp', 'log_bodies = ["^a", "^$"]'),
      [...bodies('ab', 'ba'), {}],
      [true, false, true],
    ],
    [
      'severity texts',
      include('strict', 'log_severity_texts = ["WARN"]'),
      [{ severityText: 'WARN' }, { severityText: 'warn' }, {}],
      [true, false, false],
    ],
    [
      'severity',
      severity(false),
      [{ severityNumber: 14 }, { severityNumber: 13 }, { severityNumber: 24 }, {}],
      [true, false, true, false],
    ],
    ['severity or none', severity(true), [{ severityNumber: 14 }, { severityNumber: 13 }, {}], [true, false, true]],
    ['attributes', include('strict', 'attribute {\nkey = "a"\nvalue = "x"\n}'), having('x', 'y'), [true, false]],
    [
      'resources',
      include('strict', 'resource {\nkey = "service.name"\nvalue = "x"\n}'),
      [service('x'), service('y')],
      [true, false],
    ],
  ];
  for (const [name, text, items, expected] of cases)
    it(name, () => assert.deepEqual(passing(text, LOGS, items), expected));
});

describe('metrics', () => {
  it('names, strict and by pattern', () => {
    assert.deepEqual(passing(include('strict', 'metric_names = ["a"]'), METRICS, ['a', 'ab'].map(named)), [
      true,
      false,
    ]);
    assert.deepEqual(passing(include('regexp', 'metric_names = ["a"]'), METRICS, ['ab', 'b'].map(named)), [
      true,
      false,
    ]);
  });
  it('nothing else is compared, as in the Collector', () => {
    const items = [service('s'), service('t')].map((item) => ({ ...item, name: 'a' }));
    const both = include('strict', 'metric_names = ["a"]', 'resource {\nkey = "none"\n}');
    assert.deepEqual(passing(both, METRICS, items), [true, true]);
    const without = include('strict', 'resource {\nkey = "none"\n}');
    assert.deepEqual(passing(without, METRICS, items), [true, true]);
    assert.deepEqual(passing(without.replace('include', 'exclude'), METRICS, items), [true, true]);
  });
});

describe('what a block may hold', () => {
  const cases: readonly [string, readonly string[]][] = [
    [include('glob'), ['2: "glob" should be one of "strict", "regexp"']],
    ['include {\n}', ['1: missing required attribute "match_type"']],
    [
      include('strict', 'span_kinds = ["SERVER"]'),
      [
        '3: span_kinds should be some of SPAN_KIND_CLIENT, SPAN_KIND_CONSUMER, SPAN_KIND_INTERNAL, SPAN_KIND_PRODUCER, SPAN_KIND_SERVER when match_type is "strict"',
      ],
    ],
    [include('regexp', 'span_kinds = ["SERVER"]'), []],
    [include('strict', 'span_names = ["("]'), []],
    [
      include('regexp', 'span_names = ["("]'),
      ['3: invalid regular expression `(`: error parsing regexp: missing closing ): `(`'],
    ],
    [
      include('regexp', 'attribute {\nkey = "a"\nvalue = 1\n}'),
      ['3: value should be a string when match_type is "regexp"'],
    ],
    [
      include('regexp', 'attribute {\nkey = "a"\n}', 'attribute {\nkey = "a"\nvalue = "["\n}'),
      ['6: invalid regular expression `[`: error parsing regexp: missing closing ]: `[`'],
    ],
    [include('strict', 'resource {\nkey = ""\n}'), ['4: key must not be empty']],
    [
      include('regexp', 'library {\nname = "("\n}'),
      ['3: invalid regular expression `(`: error parsing regexp: missing closing ): `(`'],
    ],
    [
      include('strict', 'log_severity {\nmin = "LOUD"\nmatch_undefined = true\n}').replace('log_', 'log_'),
      [/^4: "LOUD" should be one of "TRACE", /.source],
    ],
    [
      include('strict', 'regexp {\ncache_enabled = true\ncache_max_num_entries = -1\n}'),
      ['5: cache_max_num_entries must not be negative'],
    ],
  ];
  for (const [text, expected] of cases)
    it(text.replaceAll('\n', ' '), () => {
      const { problems } = decodeArgs(schema, text);
      assert.equal(problems.length, expected.length, problems.join('\n'));
      problems.forEach((problem, i) =>
        expected[i].startsWith('^')
          ? assert.match(problem, new RegExp(expected[i]))
          : assert.equal(problem, expected[i]),
      );
    });
});

describe('which settings go with which signals', () => {
  const outputs = { traces: [], logs: [] };
  const one = [{ capsule: 'otelcol.Consumer', nodeId: 'x', accepts: [] }] as const;
  const said = (text: string, output: Partial<Parameters<typeof checkMatch>[0]['output']>): string[] => {
    const found: string[] = [];
    const { include: in_, exclude } = argsOf(schema, text);
    checkMatch({ include: in_, exclude, output: { ...outputs, ...output } }, (name, message) =>
      found.push(`${name} ${message}`),
    );
    return found;
  };
  const severity = 'log_severity {\nmin = "WARN"\nmatch_undefined = true\n}';
  it('traces', () => {
    for (const line of ['log_bodies = ["a"]', 'log_severity_texts = ["a"]', severity])
      assert.match(
        said(include('strict', line, 'services = ["s"]'), { traces: one }).join('\n'),
        /^include include: log_\w+ should not be/,
      );
    assert.match(
      said(include('strict', 'metric_names = ["a"]'), { traces: one }).join('\n'),
      /at least one of services/,
    );
    assert.deepEqual(said(include('strict', 'services = ["s"]', 'metric_names = ["a"]'), { traces: one }), []);
  });
  it('logs', () => {
    for (const line of ['services = ["a"]', 'span_names = ["a"]', 'span_kinds = ["SPAN_KIND_SERVER"]'])
      assert.match(
        said(include('strict', line).replace('include', 'exclude'), { logs: one }).join('\n'),
        /^exclude exclude: \w+ should not be/,
      );
    assert.match(said(include('strict'), { logs: one }).join('\n'), /at least one of log_bodies/);
    assert.deepEqual(said(include('strict', severity), { logs: one }), []);
  });
  it('nothing is said of signals that go nowhere', () =>
    assert.deepEqual(said(include('strict', 'services = ["s"]'), {}), []));
});
