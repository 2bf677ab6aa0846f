import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseFlags } from '#main/cli/args.ts';
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
