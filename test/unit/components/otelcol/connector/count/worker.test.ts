/** What otelcol.connector.count counts: upstream's documented examples, and what each of its arguments means. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seriesPlan } from '#components/otelcol/connector/count/plan.ts';
import { args as schema } from '#components/otelcol/connector/count/schema.ts';
import { create } from '#components/otelcol/connector/count/worker.ts';
import { Outcome } from '#shared/outcome.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { Deriving, dig } from '#test/support/deriving.ts';
import { double, flag, int, requestOf, text } from '#test/support/ottl.ts';
import { PayloadSource } from '#test/support/payloads.ts';
import { TOO_WIDE, wideRequest } from '#test/support/wide-request.ts';

const COUNT = { id: 'otelcol.connector.count.default', schema, create, plan: seriesPlan };
const counting = (args: string, workers = 1) => new Deriving(COUNT, args, workers);
const SHOP = { attributes: [text('service.name', 'shop')] };
const env = (value: string, ...more: object[]): { attributes: object[] } => ({
  attributes: [text('env', value), ...more],
});

/** Lines with the resource left out. */
function counted(args: string, signal: 0 | 1 | 2, items: readonly object[], resource: object = SHOP): string[] {
  const connector = counting(args);
  assert.equal(connector.offer(signal, requestOf(signal, items as never, resource as never)), Outcome.accepted);
  return connector.lines().map((line) => line.replace(/^\{.*?\} /, ''));
}

describe('nothing configured: everything is counted', () => {
  const point = (name: string, n: number) => ({
    name,
    gauge: { dataPoints: Array.from({ length: n }, () => ({ asInt: 1 })) },
  });
  const table = [
    [TRACES, [{ events: [{}, {}] }, {}], ['trace.span.count {} 2i', 'trace.span.event.count {} 2i']],
    [METRICS, [point('a', 3), point('b', 2), { name: 'none' }], ['metric.count {} 3i', 'metric.datapoint.count {} 5i']],
    [LOGS, [{}, {}, {}], ['log.record.count {} 3i']],
  ] as const;
  for (const [signal, items, expected] of table)
    test(String(expected), () => assert.deepEqual(counted('', signal, items), expected));

  test('the metrics are delta sums that only rise, with their descriptions, by the resource', () => {
    const connector = counting('');
    connector.offer(LOGS, requestOf(LOGS, [{}], { attributes: [text('service.name', 'a'), int('n', 1)] }));
    const entry = dig(connector.flush(), 0, 'resourceMetrics', 0);
    assert.deepEqual(dig(entry, 'resource', 'attributes'), [
      { key: 'service.name', value: { stringValue: 'a' } },
      { key: 'n', value: { intValue: '1' } },
    ]);
    const scope = dig(entry, 'scopeMetrics', 0);
    assert.match(String(dig(scope, 'scope', 'name')), /connector\/countconnector$/);
    const metric = dig(scope, 'metrics', 0);
    assert.deepEqual(
      [dig(metric, 'name'), dig(metric, 'description'), dig(metric, 'unit')],
      ['log.record.count', 'The number of log records observed.', undefined],
    );
    assert.deepEqual([dig(metric, 'sum', 'aggregationTemporality'), dig(metric, 'sum', 'isMonotonic')], [1, true]);
  });

  test('a kind with a metric of its own has no default one', () => {
    assert.deepEqual(counted('spans { name = "mine" }', TRACES, [{ events: [{}] }]), [
      'mine {} 1i',
      'trace.span.event.count {} 1i',
    ]);
  });

  test('a block without a name counts under the default name', () => {
    assert.deepEqual(counted('logs { conditions = ["severity_number > 8"] }', LOGS, [{ severityNumber: 9 }, {}]), [
      'log.record.count {} 1i',
    ]);
  });
});

describe("upstream's examples", () => {
  test('span events of one environment or one name', () => {
    const args = `spanevents {
      name        = "my.prod.event.count"
      description = "The number of span events from my prod environment."
      conditions  = ["attributes[\\"env\\"] == \\"prod\\"", "name == \\"prodevent\\""]
    }`;
    const events = [env('prod'), env('test'), { name: 'prodevent' }, { ...env('prod'), name: 'prodevent' }];
    assert.deepEqual(counted(args, TRACES, [{ events }]), ['my.prod.event.count {} 3i', 'trace.span.count {} 1i']);
  });

  test('logs of each environment, with a default', () => {
    const args = `logs {
      name = "my.log.count"
      attributes {
        key           = "env"
        default_value = "unspecified_environment"
      }
    }`;
    assert.deepEqual(counted(args, LOGS, [env('prod'), env('prod'), env('test'), {}]), [
      'my.log.count {env=prod} 2i',
      'my.log.count {env=test} 1i',
      'my.log.count {env=unspecified_environment} 1i',
    ]);
  });

  test('logs of a severity of ERROR or higher, for each environment: others are not counted', () => {
    const args = `logs {
      name       = "my.error.log.count"
      conditions = ["severity_number >= SEVERITY_NUMBER_ERROR"]
      attributes { key = "env" }
    }`;
    const logs = [
      { ...env('prod'), severityNumber: 17 },
      { ...env('prod'), severityNumber: 16 },
      { severityNumber: 17 },
    ];
    assert.deepEqual(counted(args, LOGS, logs), ['my.error.log.count {env=prod} 1i']);
  });

  test('data points by the environment', () => {
    const args = `datapoints {
        name       = "my.prod.datapoint.count"
        conditions = ["attributes[\\"env\\"] == \\"prod\\""]
      }
      datapoints {
        name       = "my.test.datapoint.count"
        conditions = ["attributes[\\"env\\"] == \\"test\\""]
      }`;
    const metrics = [
      { sum: { dataPoints: [env('prod'), env('test'), {}] } },
      { histogram: { dataPoints: [env('prod')] } },
      { exponentialHistogram: { dataPoints: [env('prod')] } },
      { summary: { dataPoints: [env('prod')] } },
    ];
    assert.deepEqual(counted(args, METRICS, metrics), [
      'metric.count {} 4i',
      'my.prod.datapoint.count {} 4i',
      'my.test.datapoint.count {} 1i',
    ]);
  });
});

describe('attributes', () => {
  const by = (...keys: string[]) =>
    `logs {\n name = "n"\n ${keys.map((key) => `attributes {\n key = "${key}"\n }`).join('\n')}\n }`;

  test('come from the item, else from its scope, else from its resource', () => {
    const log = { attributes: [text('service.name', 'own')] };
    assert.deepEqual(counted(by('service.name'), LOGS, [log, {}]), [
      'n {service.name=own} 1i',
      'n {service.name=shop} 1i',
    ]);
    assert.deepEqual(counted(by('scope.kind'), LOGS, [{}]), ['n {scope.kind=http} 1i']);
  });

  test('keep whole numbers and fractions, anything else is text', () => {
    const values = [int('a', 1), double('a', 1), text('a', '1'), flag('a', true), { key: 'a', value: {} }];
    const lines = counted(
      by('a'),
      LOGS,
      values.map((a) => ({ attributes: [a] })),
    );
    assert.deepEqual(lines, ['n {a=1} 1i', 'n {a=1} 1i', 'n {a=1} 1i', 'n {a=true} 1i', 'n {a=} 1i']);
  });

  test('defaults may be numbers; 0 and empty text are none', () => {
    const withDefault = (value: string) =>
      counted(`logs {\n name = "n"\n attributes {\n key = "a"\n default_value = ${value}\n }\n }`, LOGS, [{}]);
    assert.deepEqual(withDefault('5'), ['n {a=5} 1i']);
    assert.deepEqual(withDefault('2.5'), ['n {a=2.5} 1i']);
    assert.deepEqual(withDefault('0'), []);
    assert.deepEqual(withDefault('""'), []);
  });

  test('values that are written in other ways are one series', () => {
    const connector = counting(by('a'));
    const attribute = (value: string) => Buffer.from(`0a0161${value}`, 'hex');
    // A string, a string behind an int, and with a length in two bytes.
    for (const value of ['12030a0178', '120518050a0178', '12040a810078']) {
      const pair = attribute(value);
      const log = Buffer.concat([Buffer.from([0x32, pair.length]), pair]);
      const scope = Buffer.concat([Buffer.from([0x12, log.length]), log]);
      const entry = Buffer.concat([Buffer.from([0x12, scope.length]), scope]);
      connector.offer(LOGS, Buffer.concat([Buffer.from([0x0a, entry.length]), entry]));
    }
    assert.deepEqual(connector.lines(), ['{} n {a=x} 3i']);
  });

  test('bytes that are no UTF-8 become U+FFFD, and one series', () => {
    const connector = counting(by('a'));
    for (const byte of [0xff, 0xfe]) {
      const bytes = requestOf(LOGS, [{ attributes: [text('a', '~')] }], {});
      bytes[bytes.lastIndexOf('~')] = byte;
      connector.offer(LOGS, bytes);
    }
    assert.deepEqual(connector.lines(), ['{} n {a=\ufffd} 2i']);
  });

  test('a resource with its attributes in another order is the same', () => {
    const connector = counting('');
    const [a, b] = [text('a', '1'), text('b', '2')];
    connector.offer(LOGS, requestOf(LOGS, [{}], { attributes: [a, b] }));
    connector.offer(LOGS, requestOf(LOGS, [{}], { attributes: [b, a] }));
    connector.offer(LOGS, requestOf(LOGS, [{}], { attributes: [a] }));
    assert.deepEqual(connector.lines(), ['{a=1 b=2} log.record.count {} 2i', '{a=1} log.record.count {} 1i']);
  });

  test('metrics of one name out of several kinds are one, apart by their attributes', () => {
    const args = `spans { name = "n" }
      spanevents { name = "n" }
      logs {
        name = "n"
        attributes { key = "env" }
      }`;
    const connector = counting(args);
    connector.offer(TRACES, requestOf(TRACES, [{ events: [{}] }], SHOP));
    connector.offer(LOGS, requestOf(LOGS, [env('prod')], SHOP));
    assert.deepEqual(connector.lines(), ['{service.name=shop} n {env=prod} 1i', '{service.name=shop} n {} 2i']);
  });
});

describe('a condition that fails on the data', () => {
  const args = 'spans {\n name = "n"\n conditions = ["HasPrefix(attributes[\\"a\\"], \\"x\\")"]\n }';
  const good = { attributes: [text('a', 'xy')] };

  test('refuses the whole batch, counts nothing of it, and says so', () => {
    const connector = counting(args);
    assert.equal(connector.offer(TRACES, requestOf(TRACES, [good, {}, good]), 3), Outcome.expression);
    assert.deepEqual(connector.lines(), []);
    assert.equal(connector.value('millrace_derived_not_counted_total', { reason: 'expression' }), 3);
    assert.deepEqual(
      connector.contexts[0].log.lines.map((line) => line.message),
      ['expression failed'],
    );
    assert.equal(connector.offer(TRACES, requestOf(TRACES, [good])), Outcome.accepted);
    assert.deepEqual(connector.lines(), ['{service.name=shop process.pid=42} n {} 1i']);
  });

  test('and a message of more than a million fields: the batch is refused and counted, the next one read', () => {
    const connector = counting('spans {\n name = "n"\n conditions = ["Len(attributes) > 0"]\n }');
    assert.equal(connector.offer(TRACES, wideRequest(TOO_WIDE), 1), Outcome.malformed);
    assert.equal(connector.value('millrace_derived_not_counted_total', { reason: 'malformed' }), 1);
    assert.equal(connector.contexts[0].log.lines.length, 1);
    assert.equal(connector.offer(TRACES, requestOf(TRACES, [good])), Outcome.accepted);
  });

  test('is logged once in ten seconds, whatever comes', async () => {
    const connector = counting(args);
    for (let i = 0; i < 50; i++) connector.offer(TRACES, requestOf(TRACES, [{}]));
    assert.equal(connector.contexts[0].log.lines.length, 1);
    await connector.parts[0].stop(1000);
    assert.equal(connector.contexts[0].clock.pending, 0);
  });
});

describe('in many workers', () => {
  const args = `
    spans {
      name = "by.route"
      attributes {
        key           = "http.route"
        default_value = "none"
      }
    }
    spanevents { name = "events" }`;
  const lines = (workers: number): string[] => {
    const connector = counting(args, workers);
    const source = new PayloadSource(7);
    for (let i = 0; i < 12; i++) connector.offer(TRACES, source.traces(40, 3), 40);
    return connector.lines();
  };

  test('the result is the same with 1, 2 and 4', () => {
    const one = lines(1);
    assert.ok(one.length > 20);
    const sum = one
      .filter((line) => line.includes('by.route'))
      .reduce((n, line) => n + Number(/(\d+)i$/.exec(line)![1]), 0);
    assert.equal(sum, 480);
    assert.deepEqual(lines(2), one);
    assert.deepEqual(lines(4), one);
  });
});

describe('life', () => {
  test('stopped it takes nothing, and what it has counted can still be harvested', async () => {
    const connector = counting('');
    connector.offer(LOGS, requestOf(LOGS, [{}], SHOP));
    await connector.parts[0].stop(1000);
    assert.equal(connector.offer(LOGS, requestOf(LOGS, [{}], SHOP)), Outcome.stopping);
    assert.deepEqual(connector.lines(), ['{service.name=shop} log.record.count {} 1i']);
    assert.equal(connector.parts[0].harvest!(), null);
    assert.equal(connector.contexts[0].clock.pending, 0);
  });

  test('other conditions keep what was counted; other metrics give it up, counted', () => {
    const connector = counting('logs { name = "n" }');
    connector.offer(LOGS, requestOf(LOGS, [{}], SHOP));
    connector.update('logs {\n name = "n"\n conditions = ["severity_number > 0"]\n }');
    connector.offer(LOGS, requestOf(LOGS, [{}, { severityNumber: 1 }], SHOP));
    assert.deepEqual(connector.lines(), ['{service.name=shop} n {} 2i']);
    connector.offer(LOGS, requestOf(LOGS, [{ severityNumber: 1 }], SHOP));
    connector.update('logs { name = "m" }');
    assert.equal(connector.value('millrace_connector_lost_observations_total', {}), 1);
    assert.deepEqual(connector.lines(), []);
  });

  test('borrowed memory is not looked at later', () => {
    const connector = counting('logs {\n name = "n"\n attributes { key = "env" }\n }');
    const bytes = requestOf(LOGS, [env('prod')] as never, SHOP);
    connector.offer(LOGS, bytes);
    bytes.fill(0);
    assert.deepEqual(connector.lines(), ['{service.name=shop} n {env=prod} 1i']);
  });

  test('millions of values are bounded: past the bound one series has the rest, and a harvest is asked for', () => {
    const connector = counting('logs {\n name = "n"\n attributes { key = "id" }\n }');
    const logs = (from: number) => Array.from({ length: 5000 }, (_, i) => ({ attributes: [int('id', from + i)] }));
    for (let i = 0; i < 14; i++) connector.offer(LOGS, requestOf(LOGS, logs(i * 5000), SHOP), 5000);
    assert.ok(connector.contexts[0].due.count > 0);
    const lines = connector.lines();
    const overflow = lines.filter((line) => line.includes('otel.metric.overflow'));
    assert.equal(overflow.length, 1);
    assert.equal(
      lines.reduce((n, line) => n + Number(/(\d+)i$/.exec(line)![1]), 0),
      70_000,
    );
  });
});
