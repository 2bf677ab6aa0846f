import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMPONENTS } from '#components/list.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { convertCollector, type Converted, type Convertible, type ConvertOptions } from '#config/convert/convert.ts';
import { at } from '#config/diag/diagnostic.ts';
import { attr, body } from '#config/schema/schema.ts';
import { list, map, number, secret, string } from '#config/schema/types.ts';

const FAKES: readonly Convertible[] = [
  ...COMPONENTS.values(),
  {
    name: 'otelcol.auth.fake',
    args: body({ token: attr(secret, { required: true, doc: '' }) }),
    otelcol: { kind: 'extension', type: 'fakeauth' },
  },
  {
    name: 'otelcol.connector.fake',
    args: body({
      names: attr(list(string), { default: [], doc: '' }),
      labels: attr(map(string), { default: {}, doc: '' }),
      factor: attr(number, { default: 1, doc: '' }),
      output: outputBlock,
    }),
    otelcol: { kind: 'connector', type: 'fake' },
  },
];

const convert = (texts: string | string[], options: Partial<ConvertOptions> = {}): Converted =>
  convertCollector(
    [texts].flat().map((text, i) => ({ name: `${'abc'[i]}.yaml`, bytes: Buffer.from(text) })),
    { components: FAKES, ...options },
  );
const told = (texts: string | string[], options?: Partial<ConvertOptions>): string[] =>
  convert(texts, options).diagnostics.map(
    (d) => `${at(d.span)} ${d.message}${d.help === undefined ? '' : ` | ${d.help}`}`,
  );
const environment = {
  env: (name: string) => ({ PORT: '4317', HOST: 'h', SIZE: '500', LIST: '[a, b]' })[name],
  file: (path: string) => (path === '/there' ? { text: 'x: 1' } : { problem: `cannot read ${path}` }),
};
const pipeline = (receivers: string, exporters: string, rest = ''): string =>
  `service:\n  ${rest}pipelines:\n    traces:\n      receivers: [${receivers}]\n      exporters: [${exporters}]\n`;
const SMALL = `receivers: { otlp: { protocols: { grpc: } } }\nexporters: { otlp: { endpoint: "x:1" } }\n`;

describe('what is made', () => {
  test('authenticators become handlers of extension components; secrets are kept', () => {
    const { text } = convert(
      `extensions: { fakeauth/a.b: { token: hush } }\nreceivers: { otlp: { protocols: { grpc: } } }\nexporters: { otlp: { endpoint: "x:1", auth: { authenticator: fakeauth/a.b } } }\n${pipeline('otlp', 'otlp', 'extensions: [fakeauth/a.b]\n  ')}`,
    );
    assert.match(text ?? '', /otelcol\.auth\.fake "default_a_b" \{\n\ttoken = "hush"\n\}/);
    assert.match(text ?? '', /endpoint = "x:1"\n\t\tauth {5}= otelcol\.auth\.fake\.default_a_b\.handler/);
  });

  test('connectors end one pipeline and begin another', () => {
    const { text } = convert(
      `receivers: { otlp: { protocols: { grpc: } } }\nexporters: { otlp: { endpoint: "x:1" } }\nconnectors: { fake: { names: [a, 010], labels: { b: 1, a: x }, factor: 1.5 } }\nservice:\n  pipelines:\n    traces: { receivers: [otlp], exporters: [fake] }\n    metrics: { receivers: [fake], exporters: [otlp] }\n`,
    );
    assert.match(text ?? '', /traces = \[otelcol\.connector\.fake\.default\.input\]/);
    assert.match(
      text ?? '',
      /otelcol\.connector\.fake "default" \{\n\tnames {2}= \["a", "010"\]\n\tlabels = \{\n\t\ta = "x",\n\t\tb = "1",\n\t\}\n\tfactor = 1\.5\n\n\toutput \{\n\t\tmetrics = \[otelcol\.exporter\.otlp\.default\.input\]/,
    );
  });

  test('references to the environment become calls, or values when the configuration runs', () => {
    const text = `receivers: { otlp: { protocols: { grpc: { endpoint: "\${env:HOST}:\${PORT}", max_recv_msg_size_mib: 8 } } } }\nexporters: { otlp: { endpoint: "\${env:NOPE:-d:1}", sending_queue: { queue_size: "\${SIZE}" }, headers: [{ name: a, value: "$$5" }] } }\n${pipeline('otlp', 'otlp')}`;
    const converted = convert(text).text ?? '';
    assert.match(
      converted,
      /endpoint {10}= coalesce\(sys\.env\("HOST"\), ""\) \+ ":" \+ coalesce\(sys\.env\("PORT"\), ""\)/,
    );
    assert.match(converted, /max_recv_msg_size = "8MiB"/);
    assert.match(converted, /endpoint = coalesce\(sys\.env\("NOPE"\), "d:1"\)/);
    assert.match(converted, /queue_size = coalesce\(sys\.env\("SIZE"\), ""\)/);
    const run = convert(text, { expand: environment }).text ?? '';
    assert.match(run, /endpoint {10}= "h:4317"/);
    assert.match(run, /queue_size = 500/);
    assert.match(run, /a = "\$5"/);
  });

  test('later documents override earlier ones', () => {
    const { text, files } = convert([SMALL + pipeline('otlp', 'otlp'), 'exporters:\n  otlp:\n    endpoint: "y:2"\n']);
    assert.match(text ?? '', /endpoint = "y:2"/);
    assert.deepEqual(
      files.map(({ source, body: statements }) => [source.name, statements.length]),
      [
        ['a.yaml', 1],
        ['b.yaml', 1],
      ],
    );
  });

  test('the trees have the places of the YAML', () => {
    const { files } = convert(`${SMALL}${pipeline('otlp', 'otlp')}`);
    const [file] = files;
    assert.ok(file !== undefined);
    const exporter = file.body[1];
    assert.ok(exporter?.kind === 'block');
    assert.equal(at(file.source.span(exporter.name.start, exporter.name.end)), 'a.yaml:2:14');
    const client = exporter.body[0];
    assert.ok(client?.kind === 'block' && client.body[0]?.kind === 'attr');
    assert.equal(file.source.text.slice(client.body[0].value.start, client.body[0].value.end), '"x:1"');
  });

  test('extensions that look after the process are left out with a word', () => {
    const { remarks, text } = convert(
      `extensions: { health_check: }\n${SMALL}${pipeline('otlp', 'otlp', 'extensions: [health_check]\n  ')}`,
    );
    assert.ok(text !== null);
    assert.ok(
      remarks.some(
        ({ grade, message }) => grade === 'Warning' && message.startsWith('extension "health_check" is left out'),
      ),
    );
  });
});

describe('what is wrong is told at its place, all together', () => {
  const cases: readonly (readonly [name: string, yaml: string, expected: readonly string[]])[] = [
    ['nothing', '', ['a.yaml:1:1 failed to validate config: empty configuration file']],
    [
      'not a map',
      '- a\n',
      [
        'a.yaml:1:1 failed to get otelcol config: should be a map of receivers, processors, exporters, connectors, extensions and service',
      ],
    ],
    [
      'broken YAML',
      'a: [1\nb: }\n',
      [
        'a.yaml:2:1 Flow sequence in block collection must be sufficiently indented and end with a ]',
        'a.yaml:2:4 Unexpected flow-map-end token in YAML stream: "}"',
      ],
    ],
    ['a key twice', 'receivers:\n  otlp:\nreceivers:\n', ['a.yaml:3:1 Map keys must be unique']],
    [
      'names',
      `receivers:\n  otlp:\n    protocols:\n      grcp:\n      http: { endpiont: x }\nexporters: { otlp: { endpoint: "x:1", sending_queue: { queue_size: many } } }\nprocesors:\n${pipeline('otlp', 'otlp/2')}`,
      [
        'a.yaml:4:7 failed to get otelcol config: receivers::otlp: unknown key "grcp" | did you mean "grpc"?',
        'a.yaml:5:15 failed to get otelcol config: receivers::otlp: unknown key "endpiont" | did you mean "endpoint"?',
        'a.yaml:6:68 failed to get otelcol config: exporters::otlp: queue_size: should be number, got string',
        'a.yaml:7:1 failed to get otelcol config: unknown section "procesors" | did you mean "processors"?',
        'a.yaml:12:19 failed to validate config: service::pipelines::traces: references exporter "otlp/2" which is not configured',
      ],
    ],
    [
      'pipelines',
      `${SMALL}processors: { batch: }\nservice:\n  pipelines:\n    traces: { receivers: [otlp], processors: [batch, batch], exporters: [otlp] }\n    logs: { receivers: [], exporters: [otlp] }\n    spans: { receivers: [otlp], exporters: [otlp] }\n  extension: []\n`,
      [
        'a.yaml:6:54 failed to validate config: service::pipelines::traces: references processor "batch" multiple times',
        'a.yaml:7:5 failed to validate config: service::pipelines::logs: must have at least one receiver',
        'a.yaml:8:5 failed to validate config: service::pipelines: unknown signal "spans"',
        'a.yaml:9:3 failed to get otelcol config: service: unknown key "extension" | did you mean "extensions"?',
      ],
    ],
    [
      'what is missing',
      `receivers: { otlp: { protocols: { grpc: } } }\nexporters: { otlp: }\n${pipeline('otlp', 'otlp')}`,
      ['a.yaml:2:14 failed to get otelcol config: exporters::otlp: missing required key "endpoint"'],
    ],
    [
      'no pipelines',
      SMALL,
      ['a.yaml:1:1 failed to validate config: service::pipelines: service must have at least one pipeline'],
    ],
    [
      'unknown types',
      `receivers: { otpl: , jaeger: }\nexporters: { otlp: { endpoint: "x:1" } }\n${pipeline('otpl', 'otlp')}`,
      [
        'a.yaml:1:14 failed to get otelcol config: \'receivers\' unknown type: "otpl" for id: "otpl", or not available yet in this version of millrace | did you mean "otlp"?',
        'a.yaml:1:22 failed to get otelcol config: \'receivers\' unknown type: "jaeger" for id: "jaeger", or not available yet in this version of millrace | available: otlp',
      ],
    ],
  ];
  for (const [name, yaml, expected] of cases)
    test(name, () => assert.deepEqual(told(yaml).toSorted(), [...expected].toSorted()));

  test('what cannot be expanded', () => {
    const text = `receivers: { otlp: { protocols: { grpc: { endpoint: "\${file:/gone}" } } } }\nexporters: { otlp: { endpoint: "\${http://x/y}" } }\n${pipeline('otlp', 'otlp')}`;
    assert.deepEqual(told(text, { expand: environment }).slice(0, 2), [
      'a.yaml:1:53 cannot read /gone',
      'a.yaml:2:32 scheme "http" is not offered: use env, file or yaml',
    ]);
  });

  test('aliases beyond the bound', () => {
    const bomb = `a: &a [x, x]\n${Array.from({ length: 20 }, (_, i) => `${'bcdefghijklmnopqrstuv'[i]}: &${'bcdefghijklmnopqrstuv'[i]} [*${'abcdefghijklmnopqrstu'[i]}, *${'abcdefghijklmnopqrstu'[i]}]\n`).join('')}`;
    assert.match(told(bomb).join(), /too many aliases/);
  });
});
