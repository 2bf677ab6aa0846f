import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { args, type Args } from '#components/otelcol/processor/groupbytrace/schema.ts';
import { COMPONENTS } from '#components/list.ts';
import { convertCollector } from '#config/convert/convert.ts';
import { defaults } from '#config/schema/schema.ts';
import { decodeArgs } from '#test/support/decode-args.ts';

function problems(changes: Partial<Args>): string[] {
  const found: string[] = [];
  args.validate?.({ ...defaults(args), ...changes }, (key, message) => found.push(`${key}: ${message}`));
  return found;
}

describe('arguments', () => {
  it('are valid by default', () => assert.deepEqual(problems({}), []));
  it('are told all at once when they are not', () =>
    assert.deepEqual(
      problems({ wait_duration: -1, num_traces: 0, num_workers: 0, discard_orphans: true, store_on_disk: true }),
      [
        'wait_duration: wait_duration must not be negative',
        'num_traces: num_traces must be greater than 0',
        'num_workers: num_workers must be greater than 0',
        'discard_orphans: discard_orphans is not available: it must be false',
        'store_on_disk: store_on_disk is not available: it must be false',
      ],
    ));
});

describe("the Collector's configuration", () => {
  const convert = (settings: string) =>
    convertCollector(
      [
        {
          name: 'otel.yaml',
          bytes: Buffer.from(`receivers: { otlp: { protocols: { grpc: {} } } }
processors: { groupbytrace: ${settings} }
exporters: { otlp: { endpoint: "database:4317" } }
service: { pipelines: { traces: { receivers: [otlp], processors: [groupbytrace], exporters: [otlp] } } }
`),
        },
      ],
      { components: COMPONENTS.values() },
    );
  const blockOf = (text: string | null): string =>
    /^otelcol\.processor\.groupbytrace "[^]*?\n}\n/m.exec(text ?? '')?.[0] ?? '';

  it('becomes this component', () => {
    const { text, diagnostics } = convert('{ wait_duration: 10s, num_traces: 1000, num_workers: 2 }');
    assert.deepEqual(diagnostics, []);
    const block = blockOf(text);
    assert.equal(
      block,
      `otelcol.processor.groupbytrace "default" {
	wait_duration = "10s"
	num_traces    = 1000
	num_workers   = 2

	output {
		traces = [otelcol.exporter.otlp.default.input]
	}
}
`,
    );
    const inside = block.slice(block.indexOf('\n') + 1, block.lastIndexOf('}')).replace(/\[.*\]/, '[]');
    assert.deepEqual(decodeArgs(args, inside).problems, []);
  });

  it('without settings has the defaults of both', () => {
    assert.equal(
      blockOf(convert('').text),
      'otelcol.processor.groupbytrace "default" {\n\toutput {\n\t\ttraces = [otelcol.exporter.otlp.default.input]\n\t}\n}\n',
    );
  });
});
