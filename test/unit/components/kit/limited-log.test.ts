import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LimitedLog } from '#components/kit/limited-log.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { RecordingLog } from '#test/support/recording-log.ts';

function setUp() {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const limited = new LimitedLog(log, clock);
  const seen = () =>
    log.lines.map((line) => [
      line.level,
      line.message,
      line.fields['items'],
      line.fields['more_since_last_line'],
      line.fields['n'],
    ]);
  return { clock, limited, seen };
}

describe('limited log', () => {
  it('writes the first event at once and sums up those of each period of 10 s', async () => {
    const { clock, limited, seen } = setUp();
    for (let n = 0; n < 4; n++) limited.event('warn', 'lost', 10, { n });
    assert.deepEqual(seen(), [['warn', 'lost', 10, undefined, 0]]);
    await clock.advance(10_000);
    assert.deepEqual(seen()[1], ['warn', 'lost', 30, 3, 3]);
    limited.event('warn', 'lost', 1, { n: 9 });
    assert.equal(seen().length, 2, 'an event in the period after a summary is counted, too');
    await clock.advance(10_000);
    assert.deepEqual(seen()[2], ['warn', 'lost', 1, 1, 9]);
  });

  it('is silent and sets no timer while nothing happens, and starts again with a line at once', async () => {
    const { clock, limited, seen } = setUp();
    limited.event('warn', 'lost', 1, {});
    await clock.advance(60_000);
    assert.equal(clock.pending, 0);
    limited.event('warn', 'lost', 2, {});
    assert.equal(seen().length, 2);
  });

  it('limits each message by itself', () => {
    const { limited, seen } = setUp();
    limited.event('warn', 'a', 1, {});
    limited.event('error', 'b', 2, {});
    assert.deepEqual(
      seen().map(([level, message]) => [level, message]),
      [
        ['warn', 'a'],
        ['error', 'b'],
      ],
    );
  });

  it('tells what it has counted on flush and leaves no timer', () => {
    const { clock, limited, seen } = setUp();
    for (let n = 0; n < 3; n++) limited.event('warn', 'lost', 5, { n });
    limited.flush();
    assert.deepEqual(seen()[1], ['warn', 'lost', 10, 2, 2]);
    assert.equal(clock.pending, 0);
  });
});
