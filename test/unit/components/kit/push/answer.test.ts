import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, LONGEST_WAIT_MS } from '#components/kit/push/answer.ts';

const NOW = Date.UTC(2026, 0, 1);
const answer = (status: number, headers = {}, body = '', retries429 = true) =>
  answerOf({ kind: 'response', status, headers, body: Buffer.from(body), bytesDone: true }, retries429, NOW);

test('what is tried again, and what is not', () => {
  const kinds = [200, 204, 299, 300, 307, 400, 401, 404, 413, 429, 500, 503, 599].map((status) => answer(status).kind);
  const wanted = 'ok ok ok permanent permanent permanent permanent permanent permanent retry retry retry retry';
  assert.deepEqual(kinds, wanted.split(' '));
  assert.equal(answer(429, {}, '', false).kind, 'permanent');
  const failure = answerOf({ kind: 'failure', timedOut: true, message: 'no', bytesDone: true }, true, NOW);
  assert.deepEqual(failure, { kind: 'retry', status: -1, message: 'no', retryAfterMs: 0 });
});

test('the message is the first line, cut', () => {
  assert.equal(answer(400, {}, ' bad\tline \nsecond').message, 'HTTP status 400: bad line');
  assert.equal(answer(500).message, 'HTTP status 500');
  assert.equal(answer(400, {}, 'x'.repeat(5000)).message, `HTTP status 400: ${'x'.repeat(256)}...`);
});

test('Retry-After is respected where there is something to retry, up to a bound', () => {
  const wait = (value: string): number => answer(503, { 'retry-after': value }).retryAfterMs;
  assert.equal(wait('7'), 7000);
  assert.equal(wait('999999999'), LONGEST_WAIT_MS);
  assert.equal(wait(new Date(NOW + 1e12).toUTCString()), LONGEST_WAIT_MS);
  assert.equal(answer(400, { 'retry-after': '7' }).retryAfterMs, 0);
});
