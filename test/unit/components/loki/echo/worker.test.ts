import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '#components/loki/echo/worker.ts';
import { Outcome } from '#shared/outcome.ts';
import { linesBatch } from '#test/support/loki.ts';
import { workerContext } from '#test/support/worker-context.ts';

test('each line is printed with all there is about it', async () => {
  const ctx = workerContext('loki.echo.test');
  const part = create({}, ctx);
  const batch = linesBatch([
    { labels: { b: '"2"', a: '1' }, at: 1_700_000_000_000_000_100n, line: 'one\n', meta: { k: 'v' } },
    { labels: {}, at: -1n, line: '' },
    { labels: {}, at: 2n ** 70n, line: 'far' },
  ]);
  assert.equal(part.input?.consume(batch), Outcome.accepted);
  assert.deepEqual(
    ctx.log.lines.map(({ level, message, fields }) => [level, message, fields]),
    [
      [
        'info',
        'received log entry',
        {
          entry: 'one\n',
          entry_timestamp: '2023-11-14T22:13:20.0000001Z',
          labels: '{a="1", b="\\"2\\""}',
          structured_metadata: '[{"name":"k","value":"v"}]',
        },
      ],
      [
        'info',
        'received log entry',
        { entry: '', entry_timestamp: '1969-12-31T23:59:59.999999999Z', labels: '{}', structured_metadata: '[]' },
      ],
      ['info', 'received log entry', { ...ctx.log.lines[2].fields, entry: 'far' }],
    ],
  );
  await part.stop(1000);
  assert.equal(part.input?.consume(batch), Outcome.stopping);
});
