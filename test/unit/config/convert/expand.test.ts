import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMPONENTS } from '#components/list.ts';
import { convertCollector } from '#config/convert/convert.ts';
import type { Providers } from '#config/convert/expand.ts';
import { at } from '#config/diag/diagnostic.ts';

const PROVIDERS: Providers = {
  env: (name) =>
    ({
      HOST: 'h',
      PORT: '4317',
      EMPTY: '',
      YES: 'true',
      LIST: '[a, b]',
      MAP: '{ a: "1", b: "${PORT}" }',
      AGAIN: '${HOST}:${PORT}',
      LOOP: '${LOOP}',
      SECRET: 'a: b: c',
      QUOTED: '"q"',
    })[name],
  file: (path) =>
    ({
      '/token': { text: 's3cret\n' },
      '/exporter': { text: '\nendpoint: "f:1"\ntls: { insecure: "${YES}" }\n' },
      '/wrong': { text: '\nendpiont: "f:1"\n' },
    })[path] ?? { problem: `cannot read ${path}` },
};

/** What becomes of the settings of an exporter. */
function exporter(settings: string, providers?: Providers): string {
  const yaml = `receivers: { otlp: { protocols: { grpc: } } }\nservice: { pipelines: { traces: { receivers: [otlp], exporters: [otlp] } } }\nexporters:\n  otlp: ${settings}\n`;
  const { text, diagnostics } = convertCollector([{ name: 'a', bytes: Buffer.from(yaml) }], {
    components: COMPONENTS.values(),
    ...(providers === undefined ? {} : { expand: providers }),
  });
  if (text === null) return diagnostics.map((d) => `${at(d.span)} ${d.message}`).join(' | ');
  const body = /otelcol\.exporter\.otlp "default" \{([^]*)\n\}/.exec(text)?.[1] ?? '';
  return body.replaceAll(/\s+/g, ' ').trim();
}

const endpoint = (value: string): string => `{ endpoint: "${value}" }`;

describe('a converted configuration keeps variables as references', () => {
  const cases: readonly (readonly [settings: string, expected: string])[] = [
    [endpoint('${env:A}'), 'client { endpoint = coalesce(sys.env("A"), "") }'],
    [endpoint('${A}'), 'client { endpoint = coalesce(sys.env("A"), "") }'],
    [endpoint('${A:-x:{1}}'), 'client { endpoint = coalesce(sys.env("A"), "x:{1}") }'],
    [
      endpoint('a${A}b${env:B:-c}'),
      'client { endpoint = "a" + coalesce(sys.env("A"), "") + "b" + coalesce(sys.env("B"), "c") }',
    ],
    [endpoint('$$x$y$${A}${'), 'client { endpoint = "$x$y${A}${" }'],
    [endpoint('${yaml:x:1}'), 'client { endpoint = "x:1" }'],
    ['{ endpoint: "x:1", timeout: "${T:-5s}" }', 'timeout = coalesce(sys.env("T"), "5s") client { endpoint = "x:1" }'],
    [
      '{ endpoint: "x:1", tls: { insecure: "${I:-false}" }, write_buffer_size: "${W}" }',
      'client { endpoint = "x:1" tls { insecure = coalesce(sys.env("I"), "false") == "true" } write_buffer_size = coalesce(sys.env("W"), "") + "B" }',
    ],
    [
      '{ endpoint: "x:1", tls: { cipher_suites: [a, "${C}"] } }',
      'client { endpoint = "x:1" tls { cipher_suites = ["a", coalesce(sys.env("C"), "")] } }',
    ],
    [
      '{ endpoint: "x:1", tls: { cipher_suites: "${C}" } }',
      "a:4:50 'exporters::otlp::tls::cipher_suites' is a list, which a variable of the environment cannot be in a converted configuration",
    ],
    ['"${M}"', "a:4:9 'exporters::otlp' expected a map, got 'string'"],
    [endpoint('${file:/x}'), 'a:4:21 scheme "file" is not supported in a conversion: the file /x may hold secrets'],
    [endpoint('${env:${A}}'), 'a:4:21 "${${A}}": a variable inside a reference cannot be converted'],
  ];
  for (const [settings, expected] of cases)
    test(settings, () => assert.ok(exporter(settings).startsWith(expected), exporter(settings)));
});

describe('a running one looks them up', () => {
  const cases: readonly (readonly [settings: string, expected: string])[] = [
    [endpoint('${HOST}:${env:PORT}'), 'client { endpoint = "h:4317" }'],
    // Text where text is wanted, whatever it looks like as YAML.
    [endpoint('${PORT}'), 'client { endpoint = "4317" }'],
    [endpoint('${QUOTED}'), 'client { endpoint = "\\"q\\"" }'],
    [endpoint('${SECRET}'), 'client { endpoint = "a: b: c" }'],
    [endpoint('${AGAIN}'), 'client { endpoint = "h:4317" }'],
    [endpoint('${NOPE:-${HOST}:1}'), 'client { endpoint = "h:1" }'],
    [endpoint('${NOPE:-x:1}'), 'client { endpoint = "x:1" }'],
    ['{ endpoint: "x:1", tls: { insecure: "${YES}" } }', 'client { endpoint = "x:1" tls { insecure = true } }'],
    [
      '{ endpoint: "x:1", tls: { cipher_suites: "${LIST}" } }',
      'client { endpoint = "x:1" tls { cipher_suites = ["a", "b"] } }',
    ],
    ['{ endpoint: "x:1", headers: "${MAP}" }', 'client { endpoint = "x:1" headers = { a = "1", b = "4317", } }'],
    [
      '{ endpoint: "x:1", headers: { t: "${file:/token}" } }',
      'client { endpoint = "x:1" headers = { t = "s3cret", } }',
    ],
    ['"${file:/exporter}"', 'client { endpoint = "f:1" tls { insecure = true } }'],
    ['{ endpoint: "x:1", timeout: "${NOPE}" }', 'client { endpoint = "x:1" }'],
    [
      endpoint('${NOPE}'),
      'a:4:21 the environment variable NOPE is not set | a:4:3 exporters::otlp: requires a non-empty "endpoint"',
    ],
    [endpoint('a${LIST}'), 'a:4:21 resolving "${LIST}" inside text: expected a scalar, got list'],
    [endpoint('${LOOP}'), 'a:4:21 too many recursive expansions'],
    [endpoint('${file:/gone}'), 'a:4:21 cannot read /gone'],
    ['"${file:/wrong}"', "/wrong:2:1 'exporters::otlp' has invalid keys: endpiont"],
    [
      endpoint('${https://x}'),
      'a:4:21 configuration is not fetched over https: save it as a file and name it with ${file:PATH}',
    ],
    [endpoint('${vault:x}'), 'a:4:21 scheme "vault" is not supported for uri "vault:x"'],
    [endpoint('${1A}'), 'a:4:21 environment variable "1A" has invalid name: must match regex ^[a-zA-Z_][a-zA-Z0-9_]*$'],
  ];
  for (const [settings, expected] of cases)
    test(settings, () => assert.ok(exporter(settings, PROVIDERS).startsWith(expected), exporter(settings, PROVIDERS)));
});
