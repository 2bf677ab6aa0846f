import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seriesPlan } from '#components/otelcol/connector/host_info/plan.ts';
import { args as schema, type Args } from '#components/otelcol/connector/host_info/schema.ts';
import { create } from '#components/otelcol/connector/host_info/worker.ts';
import {
  ROW_RECORD,
  ROW_HEADER_BYTES,
  RESOURCE_RECORD,
  RESOURCE_HEADER_BYTES,
  PARCEL_HEADER_BYTES,
  aligned,
} from '#components/kit/series/parcel.ts';
import { fingerprint } from '#components/kit/series/plan.ts';
import { defaults } from '#config/schema/schema.ts';
import { Outcome } from '#shared/outcome.ts';
import { TRACES } from '#shared/signal.ts';
import { decodeArgs } from '#test/support/decode-args.ts';
import { decodeMessage, encodeRequest, messageType } from '#test/support/otlp-proto.ts';
import { workerContext } from '#test/support/worker-context.ts';

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });

function setUp(host_identifiers: readonly string[]) {
  const ctx = workerContext('otelcol.connector.host_info.default');
  const args: Args = { ...defaults(schema), host_identifiers };
  const part = create(args, ctx);
  void part.start();
  const consume = (...resources: readonly (readonly unknown[])[]) => {
    const resourceSpans = resources.map((attributes) => ({
      resource: { attributes },
      scopeSpans: [{ spans: [{ name: 'x' }] }],
    }));
    return part.input!.consume({
      signal: TRACES,
      bytes: encodeRequest(TRACES, { resourceSpans }),
      items: 1,
      metadata: null,
      owned: true,
    });
  };
  return { ctx, args, part, consume };
}

/** The `grafana.host.id` of each row, sorted; every row is 1. */
function hosts(parcel: Uint8Array | null, args: Args): string[] {
  if (parcel === null) return [];
  const buf = Buffer.from(parcel);
  assert.equal(buf.readUInt32LE(0), fingerprint(seriesPlan(args)));
  const found: string[] = [];
  let at = PARCEL_HEADER_BYTES;
  for (let left = buf.readUInt32LE(4); left > 0; left--) {
    if (buf[at] === RESOURCE_RECORD) {
      assert.equal(buf.readUInt32LE(at + 20), 0);
      at = aligned(at + RESOURCE_HEADER_BYTES + buf.readUInt32LE(at + 16));
      continue;
    }
    assert.equal(buf[at], ROW_RECORD);
    assert.equal(buf.readDoubleLE(at + ROW_HEADER_BYTES), 1);
    const attributesAt = at + ROW_HEADER_BYTES + 8 * buf.readUInt32LE(at + 36) + buf.readUInt32LE(at + 24);
    const end = attributesAt + buf.readUInt32LE(at + 28);
    const attribute = decodeMessage(messageType('KeyValue'), buf.subarray(attributesAt + 1, end));
    assert.equal(attribute['key'], 'grafana.host.id');
    found.push((attribute['value'] as { stringValue: string }).stringValue);
    at = aligned(end);
  }
  return found.sort();
}

describe('the host of a resource', () => {
  const cases: readonly (readonly [string, readonly string[], readonly unknown[], readonly string[]])[] = [
    [
      'is that of the first identifier',
      ['k8s.node.name', 'host.id'],
      [text('host.id', 'i'), text('k8s.node.name', 'n')],
      ['n'],
    ],
    ['is that of a later one where the first is missing', ['k8s.node.name', 'host.id'], [text('host.id', 'i')], ['i']],
    ['is nothing when it is no text', ['host.id'], [{ key: 'host.id', value: { intValue: 42 } }], []],
    [
      'is not sought further when it is no text',
      ['a', 'b'],
      [{ key: 'a', value: { boolValue: true } }, text('b', 'x')],
      [],
    ],
    ['is nothing without an identifier', ['host.id'], [text('service.name', 'x')], []],
    ['is the first of equal keys', ['host.id'], [text('host.id', 'a'), text('host.id', 'b')], ['a']],
    ['may be empty', ['host.id'], [text('host.id', '')], ['']],
  ];
  for (const [name, identifiers, attributes, wanted] of cases)
    it(name, () => {
      const { args, part, consume } = setUp(identifiers);
      assert.equal(consume(attributes), Outcome.accepted);
      assert.deepEqual(hosts(part.harvest!(), args), wanted);
    });

  it('counts once however often it comes, and is forgotten once it was handed over', () => {
    const { args, part, consume } = setUp(['host.id']);
    void consume([text('host.id', 'a')], [text('host.id', 'b')], [text('host.id', 'a')]);
    void consume([text('host.id', 'b')]);
    assert.deepEqual(hosts(part.harvest!(), args), ['a', 'b']);
    assert.equal(part.harvest!(), null);
    void consume([text('host.id', 'a')]);
    assert.deepEqual(hosts(part.harvest!(), args), ['a']);
  });

  it('is handed over after stop, too', async () => {
    const { args, part, consume } = setUp(['host.id']);
    void consume([text('host.id', 'a')]);
    await part.stop(1000);
    assert.equal(consume([text('host.id', 'b')]), Outcome.stopping);
    assert.deepEqual(hosts(part.harvest!(), args), ['a']);
  });

  it('is sought by other identifiers after an update', () => {
    const { args, part, consume } = setUp(['host.id']);
    const other = { ...args, host_identifiers: ['node'] };
    void part.update(other);
    void consume([text('host.id', 'a'), text('node', 'b')]);
    assert.deepEqual(hosts(part.harvest!(), other), ['b']);
  });
});

it('the metric has the scope that Alloy gives it', () =>
  assert.equal(seriesPlan(defaults(schema)).scopeName, 'hostinfoconnector'));

describe('arguments', () => {
  const problems = (config: string): readonly string[] => decodeArgs(schema, `${config}\noutput { }`).problems;
  it('are right by default', () => assert.deepEqual(problems(''), []));
  it('need an identifier', () =>
    assert.deepEqual(problems('host_identifiers = []'), ['1: host_identifiers must not be empty']));
  for (const interval of ['14s', '301s'])
    it(`refuse an interval of ${interval}`, () =>
      assert.deepEqual(problems(`metrics_flush_interval = "${interval}"`), [
        '1: metrics_flush_interval must be between 15s and 5m',
      ]));
});
