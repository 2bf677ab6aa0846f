import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { args } from '#components/otelcol/processor/probabilistic_sampler/schema.ts';
import { COMPONENTS } from '#components/list.ts';
import { convertCollector } from '#config/convert/convert.ts';
import { decodeArgs } from '#test/support/decode-args.ts';

describe('arguments', () => {
  const problems = (text: string): readonly string[] => decodeArgs(args, `${text}\noutput { }`).problems;
  it('are valid by default', () => assert.deepEqual(problems(''), []));
  for (const [text, expected] of [
    ['sampling_percentage = -1', /negative/],
    ['sampling_percentage = 1e-20', /too small/],
    ['sampling_percentage = 1e300', /invalid/],
    ['sampling_precision = 0', /from 1 to 14/],
    ['sampling_precision = 15', /from 1 to 14/],
    ['mode = "other"', /hash_seed/],
    ['attribute_source = "span"', /traceID/],
  ] as const)
    it(`refuse ${text}`, () => assert.match(problems(text).join('\n'), expected));
});

describe("the Collector's configuration", () => {
  const block = (settings: string): string => {
    const yaml = `receivers: { otlp: { protocols: { grpc: {} } } }
processors: { probabilistic_sampler: ${settings} }
exporters: { otlp: { endpoint: "database:4317" } }
service: { pipelines: { traces: { receivers: [otlp], processors: [probabilistic_sampler], exporters: [otlp] } } }
`;
    const { text, diagnostics } = convertCollector([{ name: 'otel.yaml', bytes: Buffer.from(yaml) }], {
      components: COMPONENTS.values(),
    });
    assert.deepEqual(diagnostics, []);
    return /^otelcol\.processor\.probabilistic_sampler "default" \{\n([^]*?)\n\toutput/m.exec(text ?? '')?.[1] ?? '';
  };

  it('becomes this component, with what differs from the defaults', () => {
    assert.equal(
      block(
        '{ sampling_percentage: 15.3, hash_seed: 22, mode: proportional, fail_closed: false, sampling_precision: 6 }',
      ),
      '\tsampling_percentage = 15.3\n\thash_seed           = 22\n\tmode                = "proportional"\n' +
        '\tfail_closed         = false\n\tsampling_precision  = 6\n',
    );
    assert.equal(block('{ sampling_percentage: 100, fail_closed: true }'), '\tsampling_percentage = 100\n');
  });

  it('a mode that is written is written', () => assert.equal(block('{ mode: hash_seed }'), '\tmode = "hash_seed"\n'));
});
