/**
 * Scenario: command lines that cannot be carried out. Guarantees: the exit code says whose fault it is (2: the line, 1: what it
 * names), the message says what, where and what to do, nothing comes to stdout, and nobody sees a stack trace.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { Terminal } from './terminal.ts';

let folder: string;
let terminal: Terminal;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-bad-'));
  const write = (name: string, content: string | Buffer): Promise<void> => writeFile(join(folder, name), content);
  await mkdir(join(folder, 'empty'));
  await symlink('loop', join(folder, 'loop'));
  await write('good.alloy', 'otelcol.exporter.fake "out" { endpoint = "x" }\n');
  await write('bad.alloy', 'otelcol.exporter.fake "out" { endpoint = \n');
  await write('bytes', Buffer.from([0, 1, 2, 0xff, 0xfe, 0x80]));
  await write('utf16.alloy', Buffer.from('\ufefflogging {}\n', 'utf16le'));
  await write('bad.yaml', 'receivers: [\n');
  await write(
    'unknown.yaml',
    'exporters: { nope: }\nservice: { pipelines: { traces: { receivers: [], exporters: [nope] } } }\n',
  );
});
after(() => rm(folder, { recursive: true }));
beforeEach(() => (terminal = new Terminal()));

/** `@name` is a file of the folder. */
const LINES: [line: string, code: 1 | 2, message: RegExp][] = [
  ['nope', 2, /^Error: unknown command "nope"\nSee: millrace help\n$/],
  ['rnu', 2, /unknown command "rnu"; did you mean run\?/],
  ['Validate', 2, /unknown command "Validate"; did you mean validate\?/],
  ['validte', 2, /did you mean validate\?/],
  ['--workers=2', 2, /"--workers=2" stands before the command: write millrace COMMAND --workers=2/],
  ['-x', 2, /"-x" stands before the command/],
  ['help nope', 2, /unknown command "nope"/],
  ['help run more', 2, /too many arguments: more/],
  ['tools prometheus.remote_write', 2, /command "tools" is not offered: there is no write-ahead log/],
  ['gql {}', 2, /"gql" is not offered: there is no GraphQL API/],
  ['otel-supervisor', 2, /"otel-supervisor" is not offered: /],
  ['remotecfg', 2, /"remotecfg" is not offered: /],
  ['help tools', 2, /"tools" is not offered/],
  ['run @good.alloy @good.alloy', 2, /too many arguments: .*good\.alloy\nSee: millrace help run/],
  ['run --wrokers=2', 2, /unknown flag --wrokers; did you mean --workers\?/],
  ['run -w', 2, /unknown flag -w\n/],
  ['run --workers', 2, /--workers: needs a value\n/],
  ['run --workers --dry-run', 2, /--workers: needs a value \(or write --workers=--dry-run/],
  ['run --workers=', 2, /--workers: "" is not a whole number/],
  ['run --workers=-1', 2, /--workers: "-1" is not a whole number/],
  ['run --workers=257', 2, /--workers: 257 is not between 1 and 256/],
  ['run --ring.size=32', 2, /--ring\.size: "32" is not a size such as 64MiB/],
  ['run --feature.component-shutdown-deadline=10', 2, /"10" is not a duration such as 30s or 10m/],
  ['run --stability.level=ga', 2, /"ga" is not one of generally-available, public-preview, experimental/],
  ['run --config.format=toml', 2, /"toml" is not one of auto, alloy, otelcol, /],
  [
    'run --config.format=static @good.alloy',
    2,
    /--config\.format=static is not offered: write .* Alloy syntax or Collector/,
  ],
  ['run --server.http.listen-addr=12345', 2, /"12345" is not an address to listen on; write host:port/],
  ['run --server.http.listen-addr=127.0.0.1:70000', 2, /"127\.0\.0\.1:70000" is not an address/],
  ['run --cluster.enabled=perhaps', 2, /--cluster\.enabled: "perhaps" is not true or false/],
  ['run --cluster.wait-timeout=long', 2, /--cluster\.wait-timeout: "long" is not a duration/],
  ['run --windows.priority=urgent', 2, /--windows\.priority: "urgent" is not one of /],
  ['run -', 2, /run needs a file or a folder, since it reads it again for a reload/],
  ['run @gone.alloy', 1, /^Error: cannot read .*gone\.alloy: there is no such file or folder\n$/],
  ['run @good.alloy/x', 1, /: a part of the path is a file, not a folder/],
  ['run @loop', 1, /: its symbolic links go round in a circle/],
  ['run @empty', 1, /the folder .*empty holds no \.alloy files/],
  ['run @bad.alloy', 1, /bad\.alloy:\d+:\d+: error: .*\n[^]*Error: could not perform the initial load successfully\n$/],
  ['run @bytes', 1, /bytes:1:4: error: illegal UTF-8 encoding/],
  ['run --dry-run @bad.alloy', 1, /could not perform the initial load/],
  ['validate', 2, /validate needs the PATH of a configuration/],
  ['validate --format=xml @good.alloy', 2, /"xml" is not one of text, json, github/],
  ['validate @utf16.alloy', 1, /utf16\.alloy:1:1: error: illegal UTF-8 encoding/],
  ['validate @bad.yaml', 1, /bad\.yaml:2:1: error: /],
  ['validate @unknown.yaml', 1, /unknown\.yaml:1:14: error: .*nope/],
  ['validate --config.format=otelcol @empty', 1, /: it is a folder, where a file is needed/],
  ['validate --config.extra-args=x --config.format=otelcol @bad.yaml', 1, /extra arguments are not supported/],
  ['fmt -w', 2, /--write needs a FILE/],
  ['fmt -w -t @good.alloy', 2, /--write and --test exclude each other/],
  ['fmt -wt @good.alloy', 2, /unknown flag --wt/],
  ['fmt @empty', 1, /: it is a folder, where a file is needed/],
  ['fmt @gone.alloy', 1, /there is no such file or folder/],
  ['fmt @bad.alloy', 1, /bad\.alloy:\d+:\d+: error: /],
  ['fmt @bytes', 1, /bytes:1:4: error: illegal UTF-8 encoding/],
  ['convert', 2, /convert needs --source-format otelcol\nSee: millrace help convert/],
  ['convert -f', 2, /--source-format: needs a value/],
  ['convert -f static', 2, /--source-format static is not offered/],
  ['convert -f otelcol @gone.yaml', 1, /cannot read .*gone\.yaml: there is no such file/],
  ['convert -f otelcol @bad.yaml', 1, /bad\.yaml:2:1: error: [^]*Error: the configuration could not be converted\n$/],
  ['otel', 2, /otel needs --config FILE/],
  ['otel @good.alloy', 2, /too many arguments/],
  ['otel --config=http://x/y', 1, /cannot read http:\/\/x\/y: only files and yaml: are offered/],
  ['otel --config=@bad.yaml --set=x', 2, /--set x: write KEY=VALUE/],
  ['otel --config=@gone.yaml', 1, /there is no such file or folder/],
  ['components all', 2, /too many arguments: all/],
  ['schema x', 2, /too many arguments: x/],
  ['completion', 2, /completion needs the name of a shell: bash, zsh or fish/],
  ['completion tcsh', 2, /there is no completion for "tcsh"/],
  ['healthcheck --server.http.listen-addr=127.0.0.1:1', 1, /^Error: http:\/\/127\.0\.0\.1:1\/-\/ready: /],
  ['healthcheck --timeout=soon', 2, /--timeout: "soon" is not a duration/],
  ['doctor --config.format=static', 2, /--config\.format=static is not offered/],
];

for (const [line, code, message] of LINES)
  test(`millrace ${line}`, async () => {
    const argv = line.split(' ').map((word) => word.replace(/@([\w./]+)/, (_, name: string) => join(folder, name)));
    assert.equal(await terminal.run(...argv), code);
    assert.match(terminal.err, message);
    assert.equal(terminal.out, '');
    assert.doesNotMatch(terminal.err, /\n\s+at .*:\d+:\d+|E[A-Z]{4,}: |undefined|\[object/);
    if (code === 2) assert.match(terminal.err, /^See: millrace help/m);
    assert.deepEqual(terminal.fleet.calls, [], 'nothing was started');
  });

test('all mistakes of a line at once', async () => {
  assert.equal(await terminal.run('run', '--nope', '--workers=x', '--http.driver=y', 'a', 'b'), 2);
  assert.equal(terminal.err.match(/^Error: /gm)?.length, 4);
});

test('whatever the words, a command ends with 0, 1 or 2', async () => {
  const words = [
    'run',
    'fmt',
    '-',
    '--',
    '',
    '-h',
    '--help=false',
    '--workers=\u0000',
    '=',
    '--=',
    '---',
    '--a.b',
    '\ud800',
    '__proto__',
    'constructor',
    '--constructor',
    '--__proto__=1',
    '-\u00e9',
    '--write=',
    '-w=',
  ];
  for (const first of words)
    for (const second of words) {
      // What would really run is another test.
      if (first === 'run' && !['--help=false', '-h', '', '--'].every((word) => word !== second)) continue;
      assert.ok([0, 1, 2].includes(await terminal.run(first, second)), `${first} ${second}`);
    }
});
