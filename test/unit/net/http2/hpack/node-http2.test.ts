/** node:http2 as the oracle: what its client encodes we decode, and what we encode it decodes, over a real connection. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, sensitiveHeaders, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HpackDecoder } from '#net/http2/hpack/decoder.ts';
import { encodeHeaders, TABLE_SIZE_ZERO } from '#net/http2/hpack/encoder.ts';
import { STATIC_TABLE } from '#net/http2/hpack/static-table.ts';
import { startRawServer } from './raw-server.ts';

type Field = readonly [name: string, value: string];

const OK: readonly Field[] = [[':status', '200']];

interface Exchange {
  readonly request: OutgoingHttpHeaders;
  readonly response?: readonly Field[];
}

interface Seen {
  /** The request as our decoder saw it. */
  readonly fields: Field[];
  readonly tooLarge: boolean;
  /** The answer as the client saw it. */
  readonly response: Record<string, unknown>;
}

/** Sends the requests over one connection, one after another. */
async function exchange(
  exchanges: readonly Exchange[],
  { tableBytes = 4096, maxListBytes = 1 << 20 } = {},
): Promise<Seen[]> {
  const decoder = new HpackDecoder({ tableBytes, maxListBytes });
  const seen: Seen[] = [];
  const blocks: Buffer[] = [];
  let response = OK;
  const server = await startRawServer({
    headerTableBytes: tableBytes,
    answer: (block) => {
      blocks.push(block);
      return Buffer.concat([TABLE_SIZE_ZERO, encodeHeaders(response)]);
    },
  });
  const session: ClientHttp2Session = connect(server.url, { maxDeflateDynamicTableSize: 1 << 16 });
  try {
    await once(session, 'remoteSettings');
    for (const one of exchanges) {
      response = one.response ?? OK;
      const stream = session.request(one.request, { endStream: true });
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
      stream.resume();
      await once(stream, 'close');
      const block = blocks[seen.length];
      const { fields, tooLarge } = decoder.decode(block, 0, block.length);
      seen.push({ fields: fields.map(({ name, value }) => [name, value]), tooLarge, response: headers });
    }
  } finally {
    session.destroy();
    await server.close();
  }
  return seen;
}

/** The fields in the order in which they are sent. */
function fieldsOf(request: OutgoingHttpHeaders): Field[] {
  return Object.entries(request).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => [name, String(one)] as const),
  );
}

const PSEUDO = { ':method': 'POST', ':path': '/', ':scheme': 'http', ':authority': 'a.example' };

/** What a field may hold: visible characters, spaces between them, and octets above 127. */
const character = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0x21, max: 0x7e }) },
  { weight: 1, arbitrary: fc.integer({ min: 0xa1, max: 0xff }) },
  { weight: 1, arbitrary: fc.constant(0x20) },
);
const value = fc
  .oneof(
    { weight: 6, arbitrary: fc.array(character, { maxLength: 40 }) },
    { weight: 1, arbitrary: fc.array(character, { minLength: 100, maxLength: 6000, size: 'max' }) },
  )
  .map((codes) => String.fromCharCode(...codes).trim());
/** Few names and some values again and again, so that the dynamic table is used. */
const name = fc.oneof(
  fc.constantFrom('x-a', 'x-b', 'grpc-timeout', 'accept', 'cache-control', 'cookie', 'authorization', 'te-x', 'link'),
  fc.stringMatching(/^x-[a-z0-9_.-]{1,30}$/),
);
const again = fc.oneof(fc.constantFrom('', '0', 'trailers', 'application/grpc', 'x'.repeat(500)), value);

const request: fc.Arbitrary<OutgoingHttpHeaders> = fc
  .record({
    path: fc.constantFrom('/', '/index.html', '/opentelemetry.proto.collector.trace.v1.TraceService/Export'),
    fields: fc.uniqueArray(fc.tuple(name, fc.oneof(again, fc.array(again, { minLength: 2, maxLength: 4 }))), {
      maxLength: 12,
      selector: ([name]) => name,
    }),
    sensitive: fc.array(fc.nat(11), { maxLength: 3 }),
  })
  .map(({ path, fields, sensitive }) => ({
    ...PSEUDO,
    ':path': path,
    ...Object.fromEntries(fields.filter(([name, value]) => name !== 'authorization' || !Array.isArray(value))),
    [sensitiveHeaders]: sensitive.flatMap((at) => (at < fields.length ? [fields[at][0]] : [])),
  }));

describe('requests of a node:http2 client', () => {
  for (const tableBytes of [4096, 0, 100, 1024, 65536]) {
    it(`are decoded as they were sent, with a table of ${tableBytes} bytes`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 20, size: 'max' }), async (requests) => {
          const seen = await exchange(
            requests.map((request) => ({ request })),
            { tableBytes },
          );
          assert.deepEqual(
            seen.map(({ fields }) => fields),
            requests.map(fieldsOf),
          );
        }),
        { numRuns: 15 },
      );
    });
  }

  it('are decoded when they repeat, and after a list that was too large', async () => {
    const small = { ...PSEUDO, 'content-type': 'application/grpc', te: 'trailers', 'grpc-timeout': '10S' };
    const large = { ...PSEUDO, 'x-large': Array.from({ length: 40 }, (_, i) => `${i}-${'v'.repeat(60)}`) };
    const requests = [small, small, large, small, { ...small, 'x-new': 'v' }, small, large, small, small];
    const seen = await exchange(
      requests.map((request) => ({ request })),
      { maxListBytes: 500 },
    );
    requests.forEach((request, i) => {
      assert.equal(seen[i].tooLarge, request === large);
      if (request !== large) assert.deepEqual(seen[i].fields, fieldsOf(request));
    });
  });

  it('use every entry of the static table that a request may hold', async () => {
    const requests = STATIC_TABLE.filter(({ name }) => name !== '' && name !== ':status')
      .filter(({ name }) => name !== 'transfer-encoding')
      .map(({ name, value }) => ({ ...PSEUDO, [name]: value || '0' }));
    assert.ok(requests.length > 50);
    const seen = await exchange(requests.map((request) => ({ request })));
    assert.deepEqual(
      seen.map(({ fields }) => fields),
      requests.map(fieldsOf),
    );
  });
});

describe('responses that a node:http2 client decodes', () => {
  it('are those that were encoded', async () => {
    const response = fc
      .tuple(
        fc.integer({ min: 200, max: 599 }),
        fc.uniqueArray(fc.tuple(name, again), { maxLength: 12, selector: ([name]) => name }),
      )
      .map(([status, fields]): Field[] => [[':status', String(status)], ...fields]);
    await fc.assert(
      fc.asyncProperty(fc.array(response, { minLength: 1, maxLength: 10 }), async (responses) => {
        const seen = await exchange(responses.map((response) => ({ request: PSEUDO, response })));
        assert.deepEqual(
          seen.map(({ response }) => Object.entries(response).map(([name, value]) => [name, String(value)])),
          responses,
        );
      }),
      { numRuns: 25 },
    );
  });

  it('hold every entry of the static table that a response may hold', async () => {
    const fields = STATIC_TABLE.slice(8).filter(({ name }) => name !== ':status' && name !== 'transfer-encoding');
    const responses = [
      ...['200', '204', '206', '304', '400', '404', '500', '503'].map((status): Field[] => [[':status', status]]),
      ...fields.map(({ name, value }): Field[] => [...OK, [name, value || '0']]),
    ];
    const seen = await exchange(responses.map((response) => ({ request: PSEUDO, response })));
    assert.deepEqual(
      seen.map(({ response }) => Object.entries(response).map(([name, value]) => [name, String(value)])),
      responses,
    );
  });
});
