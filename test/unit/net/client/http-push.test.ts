import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { DEFAULT_CLIENT_TLS } from '#net/client/default-tls.ts';
import type { FetchSettings } from '#net/client/http-fetch.ts';
import { HttpPush } from '#net/client/http-push.ts';
import { systemClock } from '#shared/clock.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { startPushSink, until } from '#test/support/push-sink.ts';
import { RecordingLog } from '#test/support/recording-log.ts';

const SETTINGS: FetchSettings = {
  tls: DEFAULT_CLIENT_TLS,
  http2: true,
  proxy: { url: '', noProxy: '', environment: null, connectHeaders: {} },
  auth: { kind: 'none' },
  followRedirects: true,
  secretHeaders: {},
};
/** Fails a test that hangs; no result depends on it. */
const LONG_MS = 20_000;

function push(t: TestContext, url: string, change: Partial<FetchSettings> = {}, clock = systemClock): HttpPush {
  const made = new HttpPush(url, { ...SETTINGS, ...change }, 0, new RecordingLog(), clock);
  t.after(() => made.destroy());
  return made;
}

test('bytes, headers and who the client is arrive; the answer comes back', async (t) => {
  const sink = await startPushSink(t);
  sink.answer = () => ({ status: 400, body: 'no' });
  const http = push(t, `${sink.url.replace('http://', 'http://user:pass@')}/push`, {
    secretHeaders: { 'X-Key': ['a', 'b'] },
  });
  assert.equal(`http://${http.host}`, sink.url);
  const result = await http.post({ 'content-type': 'x/y' }, [Buffer.from('one '), Buffer.from('two')], LONG_MS);
  assert.ok(result.kind === 'response');
  assert.deepEqual([result.status, String(result.body)], [400, 'no']);
  const [{ path, headers, body }] = sink.requests;
  assert.deepEqual(
    [path, String(body), headers['content-type'], headers['x-key']],
    ['/push', 'one two', 'x/y', 'a, b'],
  );
  assert.equal(headers.authorization, `Basic ${Buffer.from('user:pass').toString('base64')}`);
});

test('a configured authorization comes before that of the URL and of the settings', async (t) => {
  const sink = await startPushSink(t);
  const http = push(t, sink.url, { auth: { kind: 'scheme', scheme: 'Bearer', credentials: { text: 't' } } });
  await http.post({}, [Buffer.from('x')], LONG_MS);
  await http.post({ authorization: 'mine' }, [Buffer.from('x')], LONG_MS);
  assert.deepEqual(
    sink.requests.map(({ headers }) => headers.authorization),
    ['Bearer t', 'mine'],
  );
});

test('307 is followed with the same body, at most ten times; another host does not learn who the client is', async (t) => {
  const [home, other] = [await startPushSink(t), await startPushSink(t)];
  const far = other.url.replace('127.0.0.1', 'localhost');
  home.answer = ({ path }) => ({
    status: path === '/loop' ? 308 : 307,
    headers: { location: path === '/loop' ? '/loop' : far },
  });
  const change = {
    auth: { kind: 'scheme', scheme: 'Bearer', credentials: { text: 't' } },
    secretHeaders: { 'X-Key': ['k'] },
  } as const;
  const result = await push(t, home.url, change).post({ 'x-plain': 'p' }, [Buffer.from('body')], LONG_MS);
  assert.ok(result.kind === 'response' && result.status === 204);
  const [{ headers, body }] = other.requests;
  assert.deepEqual(
    [String(body), headers['x-plain'], headers.authorization, headers['x-key']],
    ['body', 'p', undefined, undefined],
  );
  assert.equal(home.requests[0].headers.authorization, 'Bearer t');

  const loop = await push(t, `${home.url}/loop`).post({}, [Buffer.from('x')], LONG_MS);
  assert.ok(loop.kind === 'failure' && /more than 10 redirects/.test(loop.message));
  assert.equal(home.requests.length, 12);
  const still = await push(t, home.url, { followRedirects: false }).post({}, [Buffer.from('x')], LONG_MS);
  assert.ok(still.kind === 'response' && still.status === 307);
});

test('a password file that is missing, a refused connection, no answer in time: failures, nothing is thrown', async (t) => {
  const sink = await startPushSink(t);
  const http = push(t, sink.url, { auth: { kind: 'basic', username: 'u', password: { file: '/nowhere/password' } } });
  const result = await http.post({}, [Buffer.from('x')], LONG_MS);
  assert.ok(result.kind === 'failure' && /password_file/.test(result.message), JSON.stringify(result));
  assert.equal(sink.requests.length, 0);

  const refused = await push(t, 'http://127.0.0.1:1').post({}, [Buffer.from('x')], LONG_MS);
  assert.ok(refused.kind === 'failure' && !refused.timedOut);

  sink.answer = () => null;
  const clock = new FakeClock();
  const slow = push(t, sink.url, {}, clock).post({}, [Buffer.from('x')], 5000);
  await until(() => sink.requests.length === 1);
  await clock.advance(5000);
  const late = await slow;
  assert.ok(late.kind === 'failure' && late.timedOut);
  assert.equal(clock.pending, 0);
});

test('closing fails what is under way', async (t) => {
  const sink = await startPushSink(t);
  sink.answer = () => null;
  const http = push(t, sink.url);
  const pending = http.post({}, [Buffer.from('x')], LONG_MS);
  await until(() => sink.requests.length === 1);
  await http.destroy();
  assert.equal((await pending).kind, 'failure');
  assert.equal((await http.post({}, [Buffer.from('x')], LONG_MS)).kind, 'failure');
});

test('a URL that is none is told when it is made', () => {
  assert.throws(() => new HttpPush('loki:3100', SETTINGS, 0, new RecordingLog(), systemClock), /must be a URL/);
});
