/** Collector YAML of this processor; Alloy's own cases have none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMPONENTS } from '#components/list.ts';
import { convertCollector } from '#config/convert/convert.ts';

const convert = (processor: string) =>
  convertCollector(
    [
      {
        name: 'c.yaml',
        bytes: Buffer.from(`
receivers: { otlp: { protocols: { grpc: } } }
processors:
  attributes:
${processor.replace(/^/gm, '    ')}
exporters: { otlp: { endpoint: "a:4317" } }
service: { pipelines: { logs: { receivers: [otlp], processors: [attributes], exporters: [otlp] } } }
`),
      },
    ],
    { components: COMPONENTS.values() },
  );

test('actions, and numbers of severities as names', () => {
  const { text } = convert(`include:
  match_type: regexp
  regexp: { cacheenabled: true, cachemaxnumentries: 7 }
  log_severity_number: { min: 13, match_undefined: false }
  attributes: [{ key: a, value: "^1" }, { key: b }]
  resources: [{ key: r }]
  libraries: [{ name: l, version: "2" }]
actions:
  - { key: a, value: 1, action: insert }
  - { pattern: "^x", action: DELETE }
  - { key: b, from_attribute: a, action: upsert }`);
  const block = /^otelcol\.processor\.attributes[^]*?\n}\n/m.exec(text ?? '')?.[0];
  assert.equal(
    block,
    `otelcol.processor.attributes "default" {
	include {
		match_type = "regexp"

		regexp {
			cache_enabled         = true
			cache_max_num_entries = 7
		}

		log_severity {
			min             = "WARN"
			match_undefined = false
		}

		attribute {
			key   = "a"
			value = "^1"
		}

		attribute {
			key = "b"
		}

		resource {
			key = "r"
		}

		library {
			name    = "l"
			version = "2"
		}
	}

	action {
		key    = "a"
		value  = 1
		action = "insert"
	}

	action {
		pattern = "^x"
		action  = "DELETE"
	}

	action {
		key            = "b"
		from_attribute = "a"
		action         = "upsert"
	}

	output {
		logs = [otelcol.exporter.otlp.default.input]
	}
}
`,
  );
});

test('a severity that does not exist is refused at its place', () => {
  const { text, diagnostics } = convert(
    'include:\n  match_type: strict\n  log_severity_number: { min: 25 }\nactions: []',
  );
  assert.equal(text, null);
  assert.match(
    diagnostics.map((d) => `${d.span.line}: ${d.message}`).join('\n'),
    /^7: .*there is no severity number 25/m,
  );
});
