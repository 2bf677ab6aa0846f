/** What otelcol.connector.signaltometrics makes: upstream's documented examples, all forms of metrics, error modes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fingerprint } from '#components/kit/series/plan.ts';
import { seriesPlan } from '#components/otelcol/connector/signaltometrics/plan.ts';
import { args as schema } from '#components/otelcol/connector/signaltometrics/schema.ts';
import { create } from '#components/otelcol/connector/signaltometrics/worker.ts';
import { Outcome } from '#shared/outcome.ts';
import { LOGS, METRICS, TRACES, type Signal } from '#shared/signal.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';
import { Deriving, dig } from '#test/support/deriving.ts';
import type { Plain } from '#test/support/otlp-proto.ts';
import { double, int, listOf, requestOf, text } from '#test/support/ottl.ts';
import { PayloadSource } from '#test/support/payloads.ts';

const CONNECTOR = { id: 'otelcol.connector.signaltometrics.default', schema, create, plan: seriesPlan };
const deriving = (args: string, workers = 1) => new Deriving(CONNECTOR, args, workers);
const FIRST_METRIC = [0, 'resourceMetrics', 0, 'scopeMetrics', 0, 'metrics', 0];
const SHOP = { attributes: [text('service.name', 'shop')] };
const ms = (from: number, to: number) => ({ startTimeUnixNano: `${from}000000`, endTimeUnixNano: `${to}000000` });

function made(args: string, signal: Signal, items: readonly object[], resource: object = SHOP): string[] {
  const connector = deriving(args);
  assert.equal(
    connector.offer(signal, requestOf(signal, items as never, resource as never), items.length),
    Outcome.accepted,
  );
  return connector.lines();
}
/** Without the resource. */
const shown = (...args: Parameters<typeof made>): string[] =>
  made(...args).map((line) => line.replace(/^\{.*?\} /, ''));

describe("upstream's examples", () => {
  const args = `
    spans {
      name        = "span.count"
      description = "Count of spans"
      sum { value = "Int(AdjustedCount())" }
    }
    datapoints {
      name = "datapoint.count"
      sum { value = "1" }
    }
    logs {
      name = "logrecord.count"
      sum { value = "1" }
    }`;
  test('counters of every kind', () => {
    assert.deepEqual(shown(args, TRACES, [{}, { traceState: 'ot=th:8' }]), ['span.count {} 3i']);
    assert.deepEqual(shown(args, METRICS, [{ gauge: { dataPoints: [{}, {}] } }, {}]), ['datapoint.count {} 2i']);
    assert.deepEqual(shown(args, LOGS, [{}, {}, {}]), ['logrecord.count {} 3i']);
  });

  test('data points with one of two resource attributes', () => {
    const either = `datapoints {
      name       = "datapoint.bar.sum"
      conditions = ["resource.attributes[\\"foo\\"] != nil", "resource.attributes[\\"bar\\"] != nil"]
      sum { value = "1" }
    }`;
    const points = [{ gauge: { dataPoints: [{}] } }];
    assert.deepEqual(shown(either, METRICS, points, { attributes: [text('bar', 'x')] }), ['datapoint.bar.sum {} 1i']);
    assert.deepEqual(shown(either, METRICS, points), []);
  });

  test('gauges as an exponential histogram, ints and doubles', () => {
    const gauges = `datapoints {
      name       = "gauge.to.exphistogram"
      conditions = ["metric.type == 1 and resource.attributes[\\"service.name\\"] != nil"]
      exponential_histogram {
        count = "1"
        value = "Double(value_int) + value_double"
      }
    }`;
    const points = [
      { gauge: { dataPoints: [{ asInt: 4 }, { asDouble: 4 }] } },
      { sum: { dataPoints: [{ asInt: 1 }] } },
    ];
    assert.deepEqual(shown(gauges, METRICS, points), ['gauge.to.exphistogram {} count=2 sum=8 [2]']);
  });

  test('resource attributes that are chosen, with a default', () => {
    const chosen = `logs {
      name = "n"
      include_resource_attributes { key = "resource.foo" }
      include_resource_attributes {
        key           = "resource.bar"
        default_value = "bar"
      }
      sum { value = "1" }
    }`;
    assert.deepEqual(made(chosen, LOGS, [{}], { attributes: [text('resource.foo', 'f'), text('other', 'x')] }), [
      '{resource.bar=bar resource.foo=f} n {} 1i',
    ]);
    assert.deepEqual(made(chosen, LOGS, [{}]), ['{resource.bar=bar} n {} 1i']);
  });

  test("Alloy's converted example: durations and lengths of bodies", () => {
    const converted = `
      spans {
        name = "span.duration"
        unit = "ms"
        histogram { value = "Milliseconds(end_time - start_time)" }
      }
      logs {
        name       = "log.body.length"
        attributes {
          key           = "severity_text"
          default_value = "INFO"
        }
        conditions = ["severity_number >= SEVERITY_NUMBER_WARN"]
        exponential_histogram { value = "Len(body)" }
      }
      error_mode = "ignore"`;
    assert.deepEqual(shown(converted, TRACES, [ms(1, 4), ms(1, 8), ms(0, 20_000)]), [
      'span.duration {} count=3 sum=20010 [0,1,0,1,0,0,0,0,0,0,0,0,0,0,0,0,1]',
    ]);
    const logs = [
      { severityNumber: 13, body: { stringValue: 'four' } },
      { severityNumber: 9, body: { stringValue: 'x' } },
    ];
    assert.deepEqual(shown(converted, LOGS, logs), ['log.body.length {severity_text=INFO} count=1 sum=4 [1]']);
  });
});

describe('forms', () => {
  test('sums of ints are ints, of anything else doubles; they are deltas and may fall', () => {
    const sum = (value: string) =>
      shown(`logs {\n name = "n"\n sum { value = "${value}" }\n }`, LOGS, [
        { attributes: [int('a', -2)] },
        { attributes: [int('a', 5)] },
      ]);
    assert.deepEqual(sum('Int(attributes[\\"a\\"])'), ['n {} 3i']);
    assert.deepEqual(sum('attributes[\\"a\\"]'), ['n {} 3d']);
    assert.deepEqual(sum('Double(attributes[\\"a\\"])'), ['n {} 3d']);
    const connector = deriving('logs {\n name = "n"\n unit = "By"\n description = "d"\n sum { value = "1" }\n }');
    connector.offer(LOGS, requestOf(LOGS, [{}], SHOP));
    const metric = dig(connector.flush(), ...FIRST_METRIC);
    assert.deepEqual([dig(metric, 'name'), dig(metric, 'unit'), dig(metric, 'description')], ['n', 'By', 'd']);
    assert.deepEqual([dig(metric, 'sum', 'aggregationTemporality'), dig(metric, 'sum', 'isMonotonic')], [1, undefined]);
  });

  test('gauges show the last value', () => {
    const args = 'logs {\n name = "n"\n gauge { value = "severity_number" }\n }';
    assert.deepEqual(shown(args, LOGS, [{ severityNumber: 9 }, { severityNumber: 5 }]), ['n {} 5i']);
  });

  test('histograms: buckets, counts', () => {
    const args =
      'logs {\n name = "n"\n histogram {\n buckets = [1, 2.5]\n count = "severity_number"\n value = "flags"\n }\n }';
    const logs = [
      { severityNumber: 2, flags: 1 },
      { severityNumber: 1, flags: 3 },
      { severityNumber: 0, flags: 3 },
    ];
    assert.deepEqual(shown(args, LOGS, logs), ['n {} count=3 sum=5 [2,0,1]']);
  });

  test('numbers at the ends of their range cost no other metric', () => {
    const forms = [
      ['sum { value = "9223372036854775807" }', '9223372036854774784i'],
      ['sum { value = "-9223372036854775807" }', '-9223372036854775808i'],
      ['sum { value = "6000000000000000" }', '12000000000000000i'],
      ['gauge { value = "Int(1.5e300)" }', '9223372036854774784i'],
      ['sum { value = "1.5e308" }', '1.7976931348623157e+308d'],
    ] as const;
    for (const [form, expected] of forms) {
      const args = `spans {
        name = "edge"
        ${form}
      }
      spans {
        name = "other"
        sum { value = "1" }
      }`;
      assert.deepEqual(shown(args, TRACES, [{}, {}]), [`edge {} ${expected}`, 'other {} 2i'], form);
    }
    const histograms = `spans {
      name = "counts"
      histogram {
        value = "1.5e308"
        count = "9007199254740991"
      }
    }
    spans {
      name = "exponential"
      exponential_histogram {
        value = "1.5e308"
        count = "9007199254740991"
      }
    }
    spans {
      name = "more"
      histogram {
        value = "1"
        count = "9223372036854775807"
      }
    }
    spans {
      name = "other"
      sum { value = "1" }
    }`;
    assert.deepEqual(
      shown(histograms, TRACES, [{}, {}]).map((line) => line.split(' ')[0]),
      ['counts', 'exponential', 'other'],
    );
  });

  test('values that a metric cannot hold are left out, counted', () => {
    const args = `
      logs {
        name = "sum"
        sum { value = "Double(body)" }
      }
      logs {
        name = "exp"
        exponential_histogram { value = "Double(body)" }
      }
      logs {
        name = "hist"
        histogram {
          count = "0 - 1"
          value = "Double(body)"
        }
      }`;
    const connector = deriving(args);
    for (const body of ['NaN', 'Inf', '-1', '2'])
      connector.offer(LOGS, requestOf(LOGS, [{ body: { stringValue: body } }], SHOP));
    assert.deepEqual(connector.lines(), [
      '{service.name=shop} exp {} count=1 sum=2 [1]',
      '{service.name=shop} sum {} 1d',
    ]);
    assert.equal(connector.value('millrace_derived_not_counted_total', { reason: 'value' }), 2 + 3 + 4);
  });
});

describe('attributes', () => {
  const by = (more: string) => `logs {\n name = "n"\n attributes {\n key = "a"\n ${more}\n }\n sum { value = "1" }\n }`;

  test('missing: the item is left out, or counted without it, or by the default', () => {
    const logs = [{ attributes: [text('a', 'x')] }, {}];
    assert.deepEqual(shown(by(''), LOGS, logs), ['n {a=x} 1i']);
    assert.deepEqual(shown(by('optional = true'), LOGS, logs), ['n {a=x} 1i', 'n {} 1i']);
    assert.deepEqual(shown(by('default_value = 7'), LOGS, logs), ['n {a=7} 1i', 'n {a=x} 1i']);
    assert.deepEqual(shown(by('default_value = false'), LOGS, logs), ['n {a=false} 1i', 'n {a=x} 1i']);
  });

  test('are those of the item alone, of any type', () => {
    assert.deepEqual(shown(by(''), LOGS, [{}], { attributes: [text('a', 'resource')] }), []);
    const connector = deriving(by('default_value = [1, {b = 2.5}]'));
    connector.offer(
      LOGS,
      requestOf(LOGS, [{}, { attributes: [listOf('a', { intValue: 1 })] }, { attributes: [double('a', 1)] }], SHOP),
    );
    const points = dig(connector.flush(), ...FIRST_METRIC, 'sum', 'dataPoints') as Plain[];
    assert.deepEqual(
      points.map((point) => dig(point, 'attributes', 0, 'value')),
      [
        {
          arrayValue: {
            values: [{ intValue: '1' }, { kvlistValue: { values: [{ key: 'b', value: { doubleValue: 2.5 } }] } }],
          },
        },
        { arrayValue: { values: [{ intValue: '1' }] } },
        { doubleValue: 1 },
      ],
    );
  });
});

describe('error modes', () => {
  const args = (mode: string) => `
    error_mode = "${mode}"
    logs {
      name       = "condition"
      conditions = ["HasPrefix(attributes[\\"a\\"], \\"x\\")", "severity_number == 9"]
      sum { value = "1" }
    }
    logs {
      name = "value"
      sum { value = "Len(attributes[\\"a\\"])" }
    }
    logs {
      name = "text"
      gauge { value = "severity_text" }
    }
    logs {
      name = "all"
      sum { value = "1" }
    }`;
  const LOG_LIST = [{ severityNumber: 9 }, { attributes: [text('a', 'xyz')] }];
  const run = (mode: string) => {
    const connector = deriving(args(mode));
    const outcome = connector.offer(LOGS, requestOf(LOGS, LOG_LIST, SHOP), 2);
    return {
      outcome,
      lines: connector.lines().map((line) => line.replace(/^\{.*?\} /, '')),
      failed: connector.value('millrace_derived_not_counted_total', { reason: 'expression' }),
      logged: connector.contexts[0].log.lines.length,
    };
  };
  const GOOD = ['all {} 2i', 'condition {} 2i', 'value {} 3i'];

  test('propagate refuses the batch as a whole', () => {
    assert.deepEqual(run('propagate'), { outcome: Outcome.expression, lines: [], failed: 2, logged: 1 });
  });
  test('ignore leaves out what fails, and logs it', () => {
    assert.deepEqual(run('ignore'), { outcome: Outcome.accepted, lines: GOOD, failed: 4, logged: 1 });
  });
  test('silent leaves it out, and does not log', () => {
    assert.deepEqual(run('silent'), { outcome: Outcome.accepted, lines: GOOD, failed: 4, logged: 0 });
  });
});

test('metrics of one name, unit, description and form are one, whatever they come from', () => {
  const args = `
    spans {
      name = "n"
      sum { value = "1" }
    }
    logs {
      name = "n"
      sum { value = "0.5" }
    }
    logs {
      name = "n"
      unit = "By"
      sum { value = "1" }
    }`;
  const connector = deriving(args);
  connector.offer(TRACES, requestOf(TRACES, [{}], SHOP));
  connector.offer(LOGS, requestOf(LOGS, [{}], SHOP));
  assert.deepEqual(connector.lines(), ['{service.name=shop} n {} 1.5d', '{service.name=shop} n {} 1i']);
});

test('the result is the same with 1, 2 and 4 workers', () => {
  const args = `
    spans {
      name = "duration"
      attributes {
        key      = "http.route"
        optional = true
      }
      include_resource_attributes { key = "service.name" }
      exponential_histogram { value = "Microseconds(end_time - start_time)" }
    }
    spans {
      name = "spans"
      sum { value = "1" }
    }`;
  const lines = (workers: number): string[] => {
    const connector = deriving(args, workers);
    const source = new PayloadSource(3);
    for (let i = 0; i < 12; i++) connector.offer(TRACES, source.traces(40, 3), 40);
    return connector.lines();
  };
  const one = lines(1);
  assert.ok(one.length > 10);
  assert.deepEqual(lines(2), one);
  assert.deepEqual(lines(4), one);
});

test('workers and merge part make the same plan of arguments that went to another thread', () => {
  const args = argsOf(
    schema,
    `logs {
      name = "n"
      attributes {
        key           = "a"
        default_value = {b = [1, 2.5, true]}
      }
      gauge { value = "1" }
    }
    output { }`,
  );
  assert.equal(fingerprint(seriesPlan(structuredClone(args))), fingerprint(seriesPlan(args)));
});

test('mistakes in arguments', () => {
  const problems = (args: string) => decodeArgs(schema, `${args}\noutput { }`).problems.join('\n');
  const log = (more: string) => problems(`logs {\n name = "n"\n ${more}\n }`);
  assert.match(problems(''), /at least one of the blocks spans, datapoints, logs is needed/);
  assert.match(log(''), /one of the blocks histogram, exponential_histogram, sum, gauge is missing/);
  assert.match(log('sum { value = "1" }\ngauge { value = "1" }'), /only one of the blocks sum, gauge/);
  assert.match(log('sum { value = "a ==" }'), /not a valid OTTL value/);
  assert.match(log('sum { value = "" }'), /expected a value/);
  assert.match(log('sum { }'), /missing required attribute "value"/);
  assert.match(log('histogram {\nbuckets = [2, 1]\nvalue = "1"\n}'), /each greater than the one before/);
  assert.match(log('exponential_histogram {\nmax_size = 1\nvalue = "1"\n}'), /max_size must be from 2/);
  assert.match(
    log('sum { value = "1" }\nattributes {\nkey = "a"\noptional = true\ndefault_value = 1\n}'),
    /only one of default_value and optional/,
  );
  assert.match(log('sum { value = "AdjustedCount()" }'), /not for the context log/);
  assert.match(problems('error_mode = "loud"\nlogs {\nname = "n"\nsum { value = "1" }\n}'), /should be one of/);
});
