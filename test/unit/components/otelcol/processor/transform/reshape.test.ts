/** What the Collector's transform and filter processors are told, as Alloy's components are. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COMPONENTS } from '#components/list.ts';
import { convertCollector } from '#config/convert/convert.ts';

function convert(type: 'transform' | 'filter', settings: string): { block: string; problems: string[] } {
  const yaml = `receivers: { otlp: { protocols: { grpc: {} } } }
processors:
  ${type}:
${settings.replaceAll(/^/gm, '    ')}
exporters: { otlp: { endpoint: "database:4317" } }
service: { pipelines: { traces: { receivers: [otlp], processors: [${type}], exporters: [otlp] } } }
`;
  const { text, diagnostics } = convertCollector([{ name: 'otel.yaml', bytes: Buffer.from(yaml) }], {
    components: COMPONENTS.values(),
  });
  const [block = ''] = new RegExp(`^otelcol\\.processor\\.${type} "[^]*?\n}\n`, 'm').exec(text ?? '') ?? [];
  return { block: block.replaceAll('\t', '  '), problems: diagnostics.map(({ message }) => message) };
}

describe('transform', () => {
  it('bare statements are the block statements', () => {
    const { block, problems } = convert(
      'transform',
      'trace_statements:\n  - set(span.name, "x")\n  - set(resource.attributes["a"], 1)\nlog_statements: [\'set(log.body, 1)\']',
    );
    assert.deepEqual(problems, []);
    assert.match(
      block,
      /statements \{\n {4}trace = \["set\(span\.name, \\"x\\"\)", "set\(resource\.attributes\[\\"a\\"\], 1\)"\]\n {4}log {3}= \["set\(log\.body, 1\)"\]\n/,
    );
  });

  it('a group without a context gets the one that its paths name', () => {
    const { block, problems } = convert(
      'transform',
      `metric_statements:
  - statements: ['set(metric.description, resource.attributes["a"])']
  - statements: ['set(metric.description, "x") where datapoint.attributes["a"] == nil']`,
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(
      [...block.matchAll(/context\s+= "(\w+)"/g)].map(([, context]) => context),
      ['metric', 'datapoint'],
    );
  });

  for (const [what, settings, problem] of [
    [
      'statements beside groups',
      'trace_statements:\n  - set(span.name, "x")\n  - { context: span, statements: [\'set(name, "x")\'] }',
      /trace_statements holds statements and groups of them/,
    ],
    ['a group whose context nobody can tell', 'trace_statements: [{ statements: [\'set(name, "x")\'] }]', /context/],
  ] as const)
    it(`refuses ${what}`, () => {
      const { problems } = convert('transform', settings);
      assert.ok(
        problems.some((text) => problem.test(text)),
        problems.join('\n'),
      );
    });
});

describe('filter', () => {
  it('bare conditions are a group', () => {
    const { block, problems } = convert(
      'filter',
      'trace_conditions:\n  - span.name == "x"\n  - \'resource.attributes["a"] == 1\'',
    );
    assert.deepEqual(problems, []);
    assert.match(
      block,
      /trace_conditions \{\n {4}conditions = \["span\.name == \\"x\\"", "resource\.attributes\[\\"a\\"\] == 1"\]\n {2}\}/,
    );
  });

  it('conditions beside groups are refused', () => {
    const { problems } = convert(
      'filter',
      'trace_conditions:\n  - span.name == "x"\n  - { context: span, conditions: [\'name == "x"\'] }',
    );
    assert.ok(problems.some((text) => /trace_conditions holds conditions and groups of them/.test(text)));
  });
});
