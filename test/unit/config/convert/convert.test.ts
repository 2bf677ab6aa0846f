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

/** The types of all connectors, as a message lists them. */
const CONNECTORS = FAKES.flatMap(({ otelcol }) =>
  otelcol?.kind === 'connector' ? [otelcol.type, ...(otelcol.aliases ?? [])] : [],
)
  .sort()
  .join(' ');

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
  test('a default that is empty text is one, and null is none', () => {
    const dimensions = 'dimensions: [{ name: a, default: "" }, { name: b, default: }, { name: c }]';
    const { text } = convert(
      `receivers: { otlp: { protocols: { grpc: } } }\nexporters: { otlp: { endpoint: "x:1" } }\nconnectors: { spanmetrics: { ${dimensions} } }\nservice: { pipelines: { traces: { receivers: [otlp], exporters: [spanmetrics] }, metrics: { receivers: [spanmetrics], exporters: [otlp] } } }\n`,
    );
    assert.match(text ?? '', /name {4}= "a"\n\t\tdefault = ""\n/);
    // Events have the dimensions of all metrics.
    assert.equal(text?.match(/default = /g)?.length, 2);
  });

  test('authenticators become handlers of extension components; secrets are kept', () => {
    const { text } = convert(
      `extensions: { fakeauth/a.b: { token: hush } }\nreceivers: { otlp: { protocols: { grpc: } } }\nexporters: { otlp: { endpoint: "x:1", auth: { authenticator: fakeauth/a.b } } }\n${pipeline('otlp', 'otlp', 'extensions: [fakeauth/a.b]\n  ')}`,
    );
    assert.match(text ?? '', /otelcol\.auth\.fake "default_a_b" \{\n\ttoken = "hush"\n\}/);
    assert.match(text ?? '', /endpoint = "x:1"\n\t\tauth {5}= otelcol\.auth\.fake\.default_a_b\.handler/);
  });

  test('connectors end one pipeline and begin another', () => {
    const { text } = convert(
      `receivers: { otlp: { protocols: { grpc: } } }\nexporters: { otlp: { endpoint: "x:1" } }\nconnectors: { fake: { names: [a, '010'], labels: { b: '1', a: x }, factor: 1.5 } }\nservice:\n  pipelines:\n    traces: { receivers: [otlp], exporters: [fake] }\n    metrics: { receivers: [fake], exporters: [otlp] }\n`,
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
        ['a.yaml', 2],
        ['b.yaml', 0],
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
        ({ grade, message }) =>
          grade === 'Warning' && message.startsWith('extensions::health_check has no counterpart and is left out'),
      ),
    );
  });
});

describe('what is wrong is told at its place, all together', () => {
  const cases: readonly (readonly [name: string, yaml: string, expected: readonly string[]])[] = [
    ['nothing', '', ['a.yaml:1:1 empty configuration file']],
    ['not a map', '- a\n', [`a.yaml:1:1 '' expected a map, got '[]interface {}'`]],
    [
      'broken YAML',
      'a: [1\nb: }\n',
      [
        'a.yaml:2:1 yaml: Flow sequence in block collection must be sufficiently indented and end with a ]',
        'a.yaml:2:4 yaml: Unexpected flow-map-end token in YAML stream: "}"',
      ],
    ],
    [
      'a key twice',
      'receivers:\n  otlp:\nreceivers:\n',
      ['a.yaml:3:1 yaml: mapping key "receivers" already defined | first at a.yaml:1:1'],
    ],
    [
      'names',
      `receivers:\n  otlp:\n    protocols:\n      grcp:\n      http: { endpiont: x }\nexporters: { otlp: { endpoint: "x:1", sending_queue: { queue_size: many } } }\nprocesors:\n${pipeline('otlp', 'otlp/2')}`,
      [
        `a.yaml:4:7 'receivers::otlp::protocols' has invalid keys: grcp | did you mean "grpc"?`,
        `a.yaml:5:15 'receivers::otlp::protocols::http' has invalid keys: endpiont | did you mean "endpoint"?`,
        `a.yaml:6:14 exporters::otlp is in no pipeline: it does nothing`,
        `a.yaml:6:68 'exporters::otlp::sending_queue::queue_size' expected type 'number', got unconvertible type 'string'`,
        `a.yaml:7:1 '' has invalid keys: procesors | did you mean "processors"?`,
        'a.yaml:12:19 service::pipelines::traces: references exporter "otlp/2" which is not configured | did you mean "otlp"?',
      ],
    ],
    [
      'pipelines',
      `${SMALL}processors: { batch: }\nservice:\n  pipelines:\n    traces: { receivers: [otlp], processors: [batch, batch], exporters: [otlp] }\n    logs: { receivers: [], exporters: [otlp] }\n    spans: { receivers: [otlp], exporters: [otlp] }\n    /a: { receivers: [otlp], exporters: [otlp] }\n    metrics: { receivers: [otlp], exporters: [] }\n  extension: []\n`,
      [
        'a.yaml:6:54 service::pipelines::traces: references processor "batch" multiple times',
        'a.yaml:7:5 service::pipelines::logs: must have at least one receiver',
        `a.yaml:8:5 'service::pipelines' unknown pipeline signal: "spans" | signals are metrics, logs, traces`,
        `a.yaml:9:5 'service::pipelines' in "/a" id: the part before / should not be empty`,
        'a.yaml:10:5 service::pipelines::metrics: must have at least one exporter',
        `a.yaml:11:3 'service' has invalid keys: extension | did you mean "extensions"?`,
      ],
    ],
    [
      'what is missing',
      `receivers: { otlp: { protocols: { grpc: } } }\nexporters: { otlp: }\n${pipeline('otlp', 'otlp')}`,
      ['a.yaml:2:14 exporters::otlp: requires a non-empty "endpoint"'],
    ],
    [
      'no pipelines',
      SMALL,
      [
        'a.yaml:1:1 service must have at least one pipeline',
        'a.yaml:1:14 receivers::otlp is in no pipeline: it does nothing',
        'a.yaml:2:14 exporters::otlp is in no pipeline: it does nothing',
      ],
    ],
    [
      'unknown types',
      `receivers: { otpl: , jaeger: , k8s_cluster: }\nexporters: { otlp: { endpoint: "x:1" } }\n${pipeline('otpl, jaeger, k8s_cluster', 'otlp')}`,
      [
        `a.yaml:1:14 'receivers' unknown type: "otpl" for id: "otpl" (valid values: [otlp]) | did you mean "otlp"?`,
        `a.yaml:1:22 'receivers' type "jaeger" is not available yet in this version`,
        `a.yaml:1:32 'receivers' unknown type: "k8s_cluster" for id: "k8s_cluster" (valid values: [otlp])`,
      ],
    ],
    [
      'connectors and extensions',
      `${SMALL}connectors: { otlp: , fake: }\nextensions: { fakeauth: { token: x }, health_check: }\n${pipeline('otlp, fake', 'otlp, fake', 'extensions: [fakeauth/2, health_check]\n  ')}`,
      [
        `a.yaml:3:15 'connectors' unknown type: "otlp" for id: "otlp" (valid values: [${CONNECTORS}])`,
        'a.yaml:3:15 connectors::otlp: ambiguous ID: Found both "otlp" exporter and "otlp" connector | rename the connector, for example to "otlp/connector"',
        'a.yaml:3:15 connectors::otlp: ambiguous ID: Found both "otlp" receiver and "otlp" connector | rename the connector, for example to "otlp/connector"',
        'a.yaml:4:15 extensions::fakeauth is not among service::extensions: it does nothing',
        'a.yaml:4:39 extensions::health_check has no counterpart and is left out: the admin server answers /-/ready and /-/healthy',
        'a.yaml:6:16 service::extensions: references extension "fakeauth/2" which is not configured | did you mean "fakeauth"?',
      ],
    ],
    [
      'an authenticator that is not switched on',
      `extensions: { fakeauth: { token: x } }\nreceivers: { otlp: { protocols: { grpc: } } }\nexporters: { otlp: { endpoint: "x:1", auth: { authenticator: fakeauth } } }\n${pipeline('otlp', 'otlp')}`,
      [
        'a.yaml:1:15 extensions::fakeauth is not among service::extensions: it does nothing',
        'a.yaml:3:62 exporters::otlp::auth::authenticator: extension "fakeauth" is not among service::extensions',
      ],
    ],
    [
      'labels that become one',
      `${SMALL.replace('{ otlp: { endpoint', '{ otlp/a_b: { endpoint: "y:1" }, otlp/a-b: { endpoint')}${pipeline('otlp', 'otlp/a_b, otlp/a-b')}`,
      [
        'a.yaml:2:45 duplicate label after conversion "otelcol.exporter.otlp.default_a_b". this is due to how valid Alloy labels are assembled and can be avoided by updating named properties in the source config.',
      ],
    ],
    [
      'settings of the Collector alone',
      `receivers: { otlp: { protocols: { http: { middlewares: [], response_headers: { a: b } } } } }\nexporters: { debug: { sending_queue: { enabled: true } } }\n${pipeline('otlp', 'debug')}`,
      [
        'a.yaml:1:43 receivers::otlp::protocols::http::middlewares has no counterpart and is left out',
        'a.yaml:1:60 receivers::otlp::protocols::http::response_headers has no counterpart and is left out',
        'a.yaml:2:23 exporters::debug::sending_queue has no counterpart and is left out',
      ],
    ],
  ];
  for (const [name, yaml, expected] of cases)
    test(name, () => assert.deepEqual(told(yaml).toSorted(), [...expected].toSorted()));

  test('blocks that are a map by their names', () => {
    const count = (settings: string): string =>
      `receivers: { otlp: { protocols: { grpc: } } }\nexporters: { otlp: { endpoint: "x:1" } }\nconnectors: { count: { spans: ${settings} } }\nservice:\n  pipelines:\n    traces: { receivers: [otlp], exporters: [count] }\n    metrics: { receivers: [count], exporters: [otlp] }\n`;
    const { text } = convert(count('{ b: { description: d }, a: }'));
    assert.match(
      text ?? '',
      /spans \{\n\t\tname = "a"\n\t\}\n\n\tspans \{\n\t\tname {8}= "b"\n\t\tdescription = "d"\n\t\}\n\n\tspanevents/,
    );
    assert.deepEqual(told(count('[{ name: a }]')), [
      `a.yaml:3:31 'connectors::count::spans' expected type 'map', got unconvertible type '[]interface {}'`,
    ]);
    assert.deepEqual(told(count('{ a: 5, b: { desc: d } }')), [
      `a.yaml:3:36 'connectors::count::spans::a' expected a map, got 'int'`,
      `a.yaml:3:44 'connectors::count::spans::b' has invalid keys: desc`,
    ]);
    assert.match(told(count('{ a: { conditions: ["name ="] } }'))[0], /is not a valid OTTL condition: unexpected `=`/);
  });

  test('remarks put Alloy’s words before', () => {
    assert.deepEqual(
      convert('').remarks.map(({ grade, message }) => `(${grade}) ${message}`),
      ['(Critical) failed to validate config: empty configuration file'],
    );
    assert.match(convert('a: 1\n').remarks[0]?.message ?? '', /^failed to get otelcol config: '' has invalid keys: a$/);
  });

  test('a mistake in a later document is in that document', () => {
    assert.deepEqual(told([SMALL + pipeline('otlp', 'otlp'), '\nexporters:\n  otlp:\n    endpiont: "y:2"\n']), [
      `b.yaml:4:5 'exporters::otlp' has invalid keys: endpiont | did you mean "endpoint"?`,
    ]);
  });

  test('places in the tree are those of the document that says it', () => {
    const { files } = convert([SMALL + pipeline('otlp', 'otlp'), '\nexporters:\n  otlp:\n    endpoint: "y:2"\n']);
    const [file] = files;
    const exporter = file?.body[1];
    assert.ok(file !== undefined && exporter?.kind === 'block');
    const client = exporter.body[0];
    assert.ok(client?.kind === 'block' && client.body[0]?.kind === 'attr');
    const { value } = client.body[0];
    assert.equal(at(file.source.span(value.start, value.end)), 'b.yaml:4:15');
    assert.equal(file.source.text.slice(value.start, value.end), '"y:2"');
  });
});

describe('what differs from Alloy’s defaults is written out, in the order of its own structs', () => {
  const cases: readonly (readonly [name: string, receiver: string, exporter: string, expected: RegExp])[] = [
    [
      'sizes in MiB, bounds, keepalive with both of its blocks',
      'protocols: { grpc: { max_recv_msg_size_mib: 4, keepalive: { server_parameters: { time: 1h } }, tls: { cert_file: c, key_file: k, min_version: "1.2" } } }',
      'endpoint: "x:1"',
      /endpoint = "localhost:4317"\n\n\t\ttls \{\n\t\t\tcert_file {3}= "c"\n\t\t\tkey_file {4}= "k"\n\t\t\tmin_version = "1\.2"\n\t\t\}\n\t\tmax_recv_msg_size = "4MiB"\n\n\t\tkeepalive \{\n\t\t\tserver_parameters \{\n\t\t\t\ttime = "1h0m0s"\n\t\t\t\}\n\n\t\t\tenforcement_policy \{ \}\n\t\t\}\n\t\}/,
    ],
    [
      'client settings lie beside the rest; the batch of a queue has defaults of its own',
      'protocols: { grpc: }',
      'endpoint: "x:1"\n    timeout: 90s\n    compression: none\n    keepalive: { time: 30s, permit_without_stream: true }\n    headers: { b: "2", A: "${env:T}" }\n    sending_queue: { queue_size: 5, sizer: bytes, batch: { flush_timeout: 1s } }\n    retry_on_failure: { enabled: false }',
      /timeout = "1m30s"\n\n\tsending_queue \{\n\t\tqueue_size = 5\n\t\tsizer {6}= "bytes"\n\n\t\tbatch \{\n\t\t\tflush_timeout = "1s"\n\t\t\tmin_size {6}= 8192\n\t\t\tmax_size {6}= 0\n\t\t\tsizer {9}= "bytes"\n\t\t\}\n\t\}\n\n\tretry_on_failure \{\n\t\tenabled = false\n\t\}\n\n\tclient \{\n\t\tendpoint {4}= "x:1"\n\t\tcompression = "none"\n\n\t\tkeepalive \{\n\t\t\tping_wait {11}= "30s"\n\t\t\tping_without_stream = true\n\t\t\}\n\t\theaders = \{\n\t\t\tA = coalesce\(sys\.env\("T"\), ""\),\n\t\t\tb = "2",\n\t\t\}\n\t\}/,
    ],
    [
      'a queue that is switched off',
      'protocols: { grpc: }',
      'endpoint: "x:1"\n    sending_queue: { enabled: false }',
      /sending_queue \{\n\t\tenabled = false\n\t\}/,
    ],
    [
      'groups that are switched off, and such that say nothing',
      'protocols: { grpc: { tls: { enabled: false } }, http: { cors: {}, tls: } }',
      'endpoint: "x:1"',
      /grpc \{\n\t\tendpoint = "localhost:4317"\n\t\}\n\n\thttp \{\n\t\tendpoint {12}= "localhost:4318"\n\t\tidle_timeout/,
    ],
  ];
  for (const [name, receiver, exporter, expected] of cases)
    test(name, () => {
      const { text, diagnostics } = convert(
        `receivers:\n  otlp:\n    ${receiver}\nexporters:\n  otlp:\n    ${exporter}\n${pipeline('otlp', 'otlp')}`,
      );
      assert.match(text ?? JSON.stringify(diagnostics), expected);
    });

  test('words as the Collector spells them; an exporter without an endpoint of its own', () => {
    const debug = convert(
      `receivers: { otlp: { protocols: { grpc: } } }\nexporters: { debug: { verbosity: detailed }, debug/b: , otlp_http: { traces_endpoint: "http://x/t" } }\n${pipeline('otlp', 'debug, debug/b, otlp_http')}`,
    ).text;
    assert.match(debug ?? '', /otelcol\.exporter\.debug "default" \{\n\tverbosity = "Detailed"\n\}/);
    assert.match(debug ?? '', /otelcol\.exporter\.debug "default_b" \{\n\tverbosity = "Basic"\n\}/);
    assert.match(
      debug ?? '',
      /client \{\n\t\tendpoint {11}= ""\n\t\thttp2_ping_timeout = "0s"\n\t\}\n\ttraces_endpoint = "http:\/\/x\/t"/,
    );
  });

  test('what Alloy’s converter drops is kept', () => {
    const { text, diagnostics } = convert(
      `receivers: { otlp: { protocols: { http: { keep_alives_enabled: false } } } }\nexporters: { otlphttp: { endpoint: "http://x", cookies: {}, compression_params: { level: 3 }, tls: { curve_preferences: [P256] }, sending_queue: { wait_for_result: true, batch: } }, otlphttp/b: { endpoint: "http://y", cookies: { enabled: false } } }\n${pipeline('otlp', 'otlphttp, otlphttp/b')}`,
    );
    const all = (text ?? JSON.stringify(diagnostics)).replaceAll(/\s+/g, ' ');
    for (const part of [
      'keep_alives_enabled = false',
      'compression_params { level = 3 }',
      'tls { curve_preferences = ["P256"] }',
      'cookies { enabled = true }',
      'wait_for_result = true batch { min_size = 8192 max_size = 0 }',
      'client { endpoint = "http://y" http2_ping_timeout = "0s" } }',
    ])
      assert.ok(all.includes(part), `${part}\n${all}`);
  });

  test('an OTLP receiver without protocols', () => {
    for (const settings of ['', '{}', '{ protocols: }', '{ protocols: {} }'])
      assert.match(
        told(
          `receivers: { otlp: ${settings} }\nexporters: { otlp: { endpoint: "x:1" } }\n${pipeline('otlp', 'otlp')}`,
        ).join(),
        /receivers::otlp: must specify at least one protocol/,
      );
  });

  test('a receiver is there once, whatever groups it feeds; the rest once for each group', () => {
    const { text } = convert(
      `${SMALL}processors: { batch: }\nservice:\n  pipelines:\n    traces/2nd: { receivers: [otlp], exporters: [otlp] }\n    traces: { receivers: [otlp], processors: [batch], exporters: [otlp] }\n    logs/a.b: { receivers: [otlp], exporters: [otlp] }\n`,
    );
    const heads = [...(text ?? '').matchAll(/^(\S+) "(\w+)" \{/gm)].map(([, name, label]) => `${name}.${label}`);
    assert.deepEqual(heads, [
      'otelcol.receiver.otlp.default',
      'otelcol.processor.batch.default',
      'otelcol.exporter.otlp.default',
      'otelcol.exporter.otlp._2nd_default',
      'otelcol.exporter.otlp.a_b_default',
    ]);
    assert.match(
      text ?? '',
      /logs {3}= \[otelcol\.exporter\.otlp\.a_b_default\.input\]\n\t\ttraces = \[otelcol\.processor\.batch\.default\.input, otelcol\.exporter\.otlp\._2nd_default\.input\]/,
    );
  });

  test('a component reshapes what its schema cannot say', () => {
    const odd: Convertible = {
      name: 'otelcol.exporter.odd',
      args: body({ url: attr(string, { required: true, doc: '' }) }),
      otelcol: {
        kind: 'exporter',
        type: 'odd',
        reshape: ({ entries, at: place }, say) => {
          const host = entries.get('host');
          assert.ok(host?.value.kind === 'scalar');
          say.warn(`host of ${say.label} is now a url`, host.keyAt);
          const url = `https://${host.value.text}`;
          return {
            kind: 'map',
            at: place,
            entries: new Map([['url', { ...host, key: 'url', value: { ...host.value, value: url, text: url } }]]),
          };
        },
      },
    };
    const { text, diagnostics } = convert(
      `receivers: { otlp: { protocols: { grpc: } } }\nexporters: { odd/x: { host: h } }\n${pipeline('otlp', 'odd/x')}`,
      { components: [...COMPONENTS.values(), odd] },
    );
    assert.match(text ?? '', /otelcol\.exporter\.odd "default_x" \{\n\turl = "https:\/\/h"\n\}/);
    assert.deepEqual(
      diagnostics.map((d) => `${d.severity} ${at(d.span)} ${d.message}`),
      ['warn a.yaml:2:23 host of default_x is now a url'],
    );
  });
});

test('a component that becomes two', () => {
  const bearer: Convertible = {
    name: 'otelcol.auth.bearer',
    args: body({ token: attr(secret, { doc: '' }), filename: attr(string, { doc: '' }) }),
    otelcol: {
      kind: 'extension',
      type: 'bearertokenauth',
      reshape: (config, { before, label }) => {
        const filename = config.entries.get('filename');
        if (filename === undefined) return config;
        const { value, keyAt } = filename;
        const yes = { kind: 'scalar', value: true, text: 'true', at: keyAt } as const;
        before('local.file', {
          ...config,
          entries: new Map([
            ['filename', filename],
            ['is_secret', { key: 'is_secret', keyAt, value: yes }],
          ]),
        });
        const content = {
          kind: 'scalar',
          value: '',
          text: '',
          reference: ['local', 'file', label, 'content'],
          at: value.at,
        } as const;
        return { ...config, entries: new Map([['token', { key: 'token', keyAt, value: content }]]) };
      },
    },
  };
  const yaml = `extensions: { bearertokenauth/a: { filename: f } }\n${SMALL}${pipeline('otlp', 'otlp', 'extensions: [bearertokenauth/a]\n  ')}`;
  const { text, diagnostics } = convert(yaml, { components: [...COMPONENTS.values(), bearer] });
  assert.equal(
    text?.slice(0, text.indexOf('\n\notelcol.receiver')),
    'local.file "default_a" {\n\tfilename  = "f"\n\tis_secret = true\n}\n\notelcol.auth.bearer "default_a" {\n\ttoken = local.file.default_a.content\n}',
    JSON.stringify(diagnostics),
  );
  const without = convert(yaml, {
    components: [...[...COMPONENTS.values()].filter(({ name }) => name !== 'local.file'), bearer],
  });
  assert.match(
    without.diagnostics[0]?.message ?? '',
    /extensions::bearertokenauth\/a: it takes local\.file, which is not available/,
  );
});

describe('the Collector’s own log', () => {
  const telemetry = (yaml: string): { text: string; remarks: string[] } => {
    const { text, remarks } = convert(`${SMALL}${pipeline('otlp', 'otlp', `telemetry: ${yaml}\n  `)}`);
    const told = remarks
      .filter(({ grade }) => grade !== 'Info')
      .map(
        ({ grade, message, implied }) =>
          `${grade}${implied ? '*' : ''} ${message.replace(/ configuration is not supported.*/, '')}`,
      );
    return { text: /^logging \{[^}]*\}/m.exec(text ?? '')?.[0].replaceAll(/\s+/g, ' ') ?? '', remarks: told };
  };
  const SAMPLING = 'the service/telemetry/logs/sampling';
  const READERS = 'the service/telemetry/metrics/readers';
  test('levels and formats', () => {
    assert.equal(
      telemetry('{ logs: { level: WARN, encoding: json } }').text,
      'logging { level = "warn" format = "json" }',
    );
    assert.equal(telemetry('{ logs: { level: INFO } }').text, '');
    assert.deepEqual(
      telemetry('{ logs: { level: loud } }').remarks.at(0),
      `Critical failed to get otelcol config: 'service::telemetry::logs::level' unrecognized level: "loud"`,
    );
  });
  test('what has no counterpart', () => {
    assert.deepEqual(telemetry('').remarks, [`Warning* ${SAMPLING}`, `Warning* ${READERS}`]);
    assert.deepEqual(
      telemetry('{ logs: { sampling: { enabled: true }, development: true }, metrics: { readers: [] } }').remarks,
      ['Warning the service/telemetry/logs/development', `Warning ${SAMPLING}`],
    );
    assert.deepEqual(
      telemetry(
        '{ logs: { output_paths: [stderr], error_output_paths: [a], initial_fields: { a: b } }, traces: { processors: [{}] } }',
      ).remarks,
      [
        `Warning* ${SAMPLING}`,
        'Critical the service/telemetry/logs/error_output_paths',
        'Critical the service/telemetry/logs/initial_fields',
        `Warning* ${READERS}`,
        'Critical the service/telemetry/traces/processors',
      ],
    );
    assert.match(telemetry('{ metrix: }').remarks[0] ?? '', /invalid keys: metrix/);
  });
});
