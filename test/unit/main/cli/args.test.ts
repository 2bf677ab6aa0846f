import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseDuration } from '#config/schema/duration.ts';
import { parseFlags } from '#main/cli/args.ts';
import { COMMANDS } from '#main/cli/commands.ts';
import { environmentName, RUN_FLAGS } from '#main/cli/flags.ts';

const parse = (argv: string[], env: Record<string, string> = {}): ReturnType<typeof parseFlags> =>
  parseFlags(RUN_FLAGS, argv, env);

describe('values', () => {
  const table: [argv: string[], flag: string, value: string | number | boolean][] = [
    [[], 'server.http.listen-addr', '127.0.0.1:12345'],
    [['--server.http.listen-addr=:9'], 'server.http.listen-addr', ':9'],
    [['--server.http.listen-addr', ':9'], 'server.http.listen-addr', ':9'],
    [['-server.http.listen-addr', ':9'], 'server.http.listen-addr', ':9'],
    [['--workers=3'], 'workers', 3],
    [['--workers=1', '--workers=2'], 'workers', 2],
    [['--ring.size=1MiB'], 'ring.size', 1024 * 1024],
    [['--feature.component-shutdown-deadline=1m30s'], 'feature.component-shutdown-deadline', 90_000],
    [['--feature.component-shutdown-deadline', '0'], 'feature.component-shutdown-deadline', 0],
    [[], 'feature.component-shutdown-deadline', 600_000],
    [['--http.driver=node'], 'http.driver', 'node'],
    [['--disable-reporting'], 'disable-reporting', true],
    [['--disable-reporting=false'], 'disable-reporting', false],
    [['-disable-reporting=T'], 'disable-reporting', true],
    [['-h'], 'help', true],
  ];
  for (const [argv, flag, value] of table) {
    test(`${argv.join(' ') || '(nothing)'} -> ${flag} ${value}`, () => {
      const args = parse(argv);
      assert.deepEqual(args.errors, []);
      assert.equal(args.values.get(flag), value);
    });
  }

  test('a boolean does not swallow the positional after it', () => {
    const args = parse(['--disable-reporting', 'config.alloy']);
    assert.equal(args.values.get('disable-reporting'), true);
    assert.deepEqual(args.positionals, ['config.alloy']);
  });

  test('flags may follow positionals, and nothing after -- is a flag', () => {
    const args = parse(['a.alloy', '--workers', '2', '--', '--workers=3']);
    assert.deepEqual(args.positionals, ['a.alloy', '--workers=3']);
    assert.equal(args.values.get('workers'), 2);
  });
});

describe('mistakes', () => {
  const table: [argv: string[], error: RegExp][] = [
    [
      ['--server.http.listen-adr=:9'],
      /unknown flag --server\.http\.listen-adr; did you mean --server\.http\.listen-addr\?/,
    ],
    [['-worker=2'], /unknown flag --worker; did you mean --workers\?/],
    [['--zzzzzzzzz'], /^unknown flag --zzzzzzzzz$/],
    [['--workers=0'], /--workers: 0 is not between 1 and 256/],
    [['--workers=two'], /--workers: "two" is not a whole number/],
    [['--workers'], /--workers: needs a value/],
    [['--ring.size=1'], /--ring\.size: "1" is not a size/],
    [['--ring.size=1KiB'], /--ring\.size: 1KiB is not between 64KiB and 1GiB$/],
    [['--feature.component-shutdown-deadline=-1s'], /is not a duration/],
    [['--stability.level=beta'], /"beta" is not one of generally-available, public-preview, experimental/],
    [['--disable-reporting=maybe'], /"maybe" is not true or false/],
    [['-x'], /^unknown flag -x$/],
    [['--storage.path', '--dry-run'], /^--storage\.path: needs a value \(or write --storage\.path=--dry-run if/],
    [
      ['--server.http.listen-addr=here'],
      /^--server\.http\.listen-addr: "here" is not an address to listen on; write host/,
    ],
    [['--cluster.rejoin-interval=soon'], /^--cluster\.rejoin-interval: "soon" is not a duration/],
    [['--cluster.max-join-peers=few'], /^--cluster\.max-join-peers: "few" is not a whole number/],
    [['--windows.priority=top'], /^--windows\.priority: "top" is not one of above_normal, /],
  ];
  for (const [argv, error] of table) {
    test(argv.join(' '), () => {
      const { errors } = parse(argv);
      assert.equal(errors.length, 1);
      assert.match(errors[0], error);
    });
  }

  test('all of them are listed at once', () => {
    assert.equal(parse(['--nope', '--workers=x', '--http.driver=y']).errors.length, 3);
  });
});

describe('environment', () => {
  test('each flag has a variable, and the command line wins', () => {
    assert.equal(environmentName('server.http.listen-addr'), 'MILLRACE_SERVER_HTTP_LISTEN_ADDR');
    const env = { MILLRACE_WORKERS: '3', MILLRACE_HTTP_DRIVER: 'uws', MILLRACE_DISABLE_REPORTING: 'true' };
    const args = parse(['--workers=4'], env);
    assert.equal(args.values.get('workers'), 4);
    assert.equal(args.values.get('http.driver'), 'uws');
    assert.equal(args.values.get('disable-reporting'), true);
  });

  test('GOMAXPROCS is the number of workers where nothing else says it; as in Go, nonsense is ignored', () => {
    const workers = (env: Record<string, string>, ...argv: string[]): unknown => parse(argv, env).values.get('workers');
    const unset = workers({});
    assert.equal(workers({ GOMAXPROCS: '7' }), 7);
    assert.equal(workers({ GOMAXPROCS: '100000' }), 256);
    assert.equal(workers({ GOMAXPROCS: '7', MILLRACE_WORKERS: '3' }), 3);
    assert.equal(workers({ GOMAXPROCS: '7' }, '--workers=4'), 4);
    for (const nonsense of ['', '0', '-1', 'many', '2.5']) assert.equal(workers({ GOMAXPROCS: nonsense }), unset);
  });

  test('what belongs to one call has none', () => {
    assert.equal(parse([], { MILLRACE_DRY_RUN: 'true' }).values.get('dry-run'), false);
    assert.equal(parse([], { MILLRACE_HELP: 'true' }).values.get('help'), false);
  });

  test('a wrong value names the variable; an empty one counts as unset', () => {
    assert.match(parse([], { MILLRACE_WORKERS: 'x' }).errors[0], /^MILLRACE_WORKERS: /);
    assert.deepEqual(parse([], { MILLRACE_WORKERS: '' }).errors, []);
  });
});

test("Alloy's flags that have no effect yet are accepted and listed when they are set", () => {
  const args = parse(['--cluster.enabled', '--storage.path', '/data', 'c.alloy']);
  assert.deepEqual(args.errors, []);
  assert.deepEqual(args.inert, ['cluster.enabled', 'storage.path']);
  assert.deepEqual(args.positionals, ['c.alloy']);
});

test('a flag without effect that is switched off asks for nothing', () => {
  assert.deepEqual(parse(['--cluster.enabled=false', '--server.http.enable-pprof=false']).inert, []);
});

describe('the flags of Alloy', () => {
  const sheet = join(import.meta.dirname, '../../../../../shared/spec/components.json');
  const found = existsSync(sheet);
  if (!found) console.log(`# skipped: ${sheet} is not there`);
  interface AlloyFlag {
    readonly name: string;
    readonly short?: string;
    readonly default: unknown;
    readonly values?: readonly string[];
  }
  const { cli } = (found ? JSON.parse(readFileSync(sheet, 'utf8')) : { cli: {} }) as {
    readonly cli: Record<string, { readonly flags: readonly AlloyFlag[] }>;
  };
  /** Ours on purpose: the language goes by the file's name, and data does not lie among Alloy's. */
  const differs = new Set(['config.format', 'storage.path']);
  for (const name of ['run', 'fmt', 'validate', 'convert', 'otel']) {
    test(`${name}: each is there, with its letter, its values and its default`, { skip: !found }, () => {
      const ours = new Map(COMMANDS.find((c) => c.name === name)?.flags.map((flag) => [`--${flag.name}`, flag]));
      for (const flag of cli[name].flags) {
        const own = ours.get(flag.name);
        assert.ok(own !== undefined, `${flag.name} is missing`);
        assert.equal(own.short === undefined ? undefined : `-${own.short}`, flag.short, flag.name);
        if (own.kind === 'choice')
          for (const value of flag.values ?? []) assert.ok(own.choices.includes(value), `${flag.name}=${value}`);
        if (differs.has(own.name) || flag.default === null) continue;
        const text = own.kind === 'duration' ? parseDuration(String(flag.default)) : flag.default;
        assert.equal(String(own.default), String(own.kind === 'duration' ? text : flag.default), flag.name);
      }
    });
  }
});
