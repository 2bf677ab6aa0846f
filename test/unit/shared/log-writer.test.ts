import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '#shared/clock.ts';
import { createLogger } from '#shared/log-writer.ts';

const clock: Clock = { now: () => 1_700_000_000_123, monotonicMs: () => 0, after: () => () => {} };

function logger(format: 'logfmt' | 'json'): { lines: string[]; log: ReturnType<typeof createLogger> } {
  const lines: string[] = [];
  return { lines, log: createLogger({ level: 'info', format, write: (line) => void lines.push(line), clock }) };
}

test('logfmt: fixed order, quotes where needed, absent fields left out', () => {
  const { lines, log } = logger('logfmt');
  log
    .with({ component_id: 'a.b', component_path: '/' })
    .info('two words', { n: 1, text: 'say "x"', nothing: undefined, empty: '', line: 'a\nb', path: 'a\\b', eq: 'a=b' });
  assert.deepEqual(lines, [
    'ts=2023-11-14T22:13:20.123Z level=info msg="two words" component_path=/ component_id=a.b n=1 text="say \\"x\\"" empty="" line="a\\nb" path="a\\\\b" eq="a=b"\n',
  ]);
});

test('json', () => {
  const { lines, log } = logger('json');
  log.warn('m', { n: 1.5, ok: true });
  assert.deepEqual(
    lines.map((l) => JSON.parse(l) as unknown),
    [{ ts: '2023-11-14T22:13:20.123Z', level: 'warn', msg: 'm', n: 1.5, ok: true }],
  );
});

test('the level can be changed while running', () => {
  const { lines, log } = logger('logfmt');
  log.debug('hidden');
  log.configure({ level: 'debug', format: 'json' });
  log.debug('shown');
  assert.equal(lines.length, 1);
  assert.match(lines[0], /"msg":"shown"/);
});
