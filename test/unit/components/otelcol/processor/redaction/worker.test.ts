import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { args as schema } from '#components/otelcol/processor/redaction/schema.ts';
import { create } from '#components/otelcol/processor/redaction/worker.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { decodeArgs } from '#test/support/decode-args.ts';
import { attributesIn, Edited, pairsOf, plainIn, valueOf, type Attributes, type Plain } from '#test/support/edited.ts';

const made = (text: string): Edited<typeof schema.shape> =>
  new Edited('otelcol.processor.redaction.x', create, schema, `${text}\noutput { }`);
const after = (text: string, attributes: Attributes): Attributes =>
  attributesIn(made(text).span({ name: 'n', attributes: pairsOf(attributes) }));
const ALL = 'allow_all_keys = true\n';
const CARD = 'blocked_values = ["4[0-9]{12}(?:[0-9]{3})?", "(5[1-5][0-9]{3})"]\n';

describe('keys', () => {
  const cases: readonly [string, string, Attributes, Attributes][] = [
    ['none are allowed', '', { a: 1n, b: 'x' }, {}],
    ['those on the list are', 'allowed_keys = ["a"]', { a: 1n, b: 'x' }, { a: 1n }],
    ['all are', ALL, { a: 1n, b: 'x' }, { a: 1n, b: 'x' }],
    ['ignored ones stay', 'ignored_keys = ["b"]', { a: 1n, b: 'x' }, { b: 'x' }],
    ['ignored by pattern', 'ignored_key_patterns = ["^safe"]', { safe1: 1n, unsafe: 'x' }, { safe1: 1n }],
    [
      'blocked ones are masked',
      `${ALL}blocked_key_patterns = ["token"]`,
      { my_token: 'x', a: 'x' },
      { my_token: '****', a: 'x' },
    ],
    [
      'ignored wins over blocked',
      `${ALL}ignored_keys = ["token"]\nblocked_key_patterns = ["token"]`,
      { token: 'x' },
      { token: 'x' },
    ],
    ['removed wins over blocked', 'blocked_key_patterns = ["token"]', { token: 'x' }, {}],
    ['line by line', `${ALL}blocked_key_patterns = ["a"]`, { a: 'x\ny' }, { a: '****\n****' }],
    ['what is no string is masked as an empty text', `${ALL}blocked_key_patterns = ["a"]`, { a: 7n }, { a: '****' }],
    [
      'what an earlier one told stays',
      '',
      { 'redaction.masked.count': 1n, 'redaction.body.allowed.keys': 'k' },
      { 'redaction.masked.count': 1n, 'redaction.body.allowed.keys': 'k' },
    ],
  ];
  for (const [name, text, from, to] of cases)
    it(name, () => {
      const part = made(text);
      for (let i = 0; i < 2; i++) assert.deepEqual(attributesIn(part.span({ attributes: pairsOf(from) })), to);
    });
});

describe('values', () => {
  const cases: readonly [string, string, Attributes, Attributes][] = [
    [
      'what is blocked is masked',
      ALL + CARD,
      { a: 'card 4111111111111111!', b: 'none' },
      { a: 'card ****!', b: 'none' },
    ],
    [
      'more than once, by all patterns',
      ALL + CARD,
      { a: '4111111111111 51000 4111111111111' },
      { a: '**** **** ****' },
    ],
    [
      'allowed ones stay',
      `${ALL}${CARD}allowed_values = ["^safe"]`,
      { a: 'safe 51000', b: '51000' },
      { a: 'safe 51000', b: '****' },
    ],
    [
      'allowed wins over a blocked key',
      `${ALL}blocked_key_patterns = ["a"]\nallowed_values = ["^safe"]`,
      { a: 'safe' },
      { a: 'safe' },
    ],
    ['other types stay', ALL + CARD, { a: 51000n, b: ['51000'] }, { a: 51000n, b: ['51000'] }],
    [
      'all types',
      `${ALL}${CARD}redact_all_types = true`,
      { a: 51000n, b: ['x', '51000'], c: 1n, d: { k: 51000n } },
      { a: '****', b: '["x","****"]', c: 1n, d: '{"k":****}' },
    ],
    ['of ignored keys stay', `ignored_keys = ["a"]\n${CARD}`, { a: '51000' }, { a: '51000' }],
    ['a pattern that matches nothing', `${ALL}blocked_values = ["x*"]`, { a: 'ab' }, { a: '****a****b****' }],
    ['text beyond ASCII', `${ALL}blocked_values = ["ключ"]`, { a: 'мой ключ 😀' }, { a: 'мой **** 😀' }],
  ];
  for (const [name, text, from, to] of cases)
    it(name, () => {
      const part = made(text);
      for (let i = 0; i < 2; i++) assert.deepEqual(attributesIn(part.span({ attributes: pairsOf(from) })), to);
    });
});

describe('hashes', () => {
  const key32 = 'k'.repeat(32);
  const key64 = 'k'.repeat(64);
  const hex = (name: string) => createHash(name).update('51000').digest('hex');
  const cases: readonly [string, string, string][] = [
    ['md5', '', hex('md5')],
    ['SHA1', '', hex('sha1')],
    ['sha3', '', hex('sha3-256')],
    ['hmac-sha256', key32, createHmac('sha256', key32).update('51000').digest('hex')],
    ['HMAC-SHA512', key64, createHmac('sha512', key64).update('51000').digest('hex')],
  ];
  for (const [name, key, hash] of cases)
    it(name, () => {
      const text = `${ALL}${CARD}blocked_key_patterns = ["token"]\nhash_function = "${name}"\nhmac_key = "${key}"`;
      assert.deepEqual(after(text, { a: 'a 51000 b', token: '51000' }), { a: `a ${hash} b`, token: hash });
    });
});

describe('summary', () => {
  const rules = `allowed_keys = ["kept", "card", "card2", "ok"]\nignored_keys = ["ign"]\n${CARD}allowed_values = ["^safe"]\n`;
  const from = { ign: 'x', z: 1n, y: 'x', card2: '51000', card: '51000', kept: 'x', ok: 'safe' };
  const kept = { ign: 'x', card2: '****', card: '****', kept: 'x', ok: 'safe' };
  it('debug', () =>
    assert.deepEqual(after(`${rules}summary = "debug"`, from), {
      ...kept,
      'redaction.redacted.keys': 'y,z',
      'redaction.redacted.count': 2n,
      'redaction.masked.keys': 'card,card2',
      'redaction.masked.count': 2n,
      'redaction.allowed.keys': 'ok',
      'redaction.allowed.count': 1n,
      'redaction.ignored.count': 1n,
    }));
  it('info', () =>
    assert.deepEqual(after(`${rules}summary = "info"`, from), {
      ...kept,
      'redaction.redacted.count': 2n,
      'redaction.masked.count': 2n,
      'redaction.allowed.count': 1n,
      'redaction.ignored.count': 1n,
    }));
  it('silent', () => assert.deepEqual(after(`${rules}summary = "silent"`, from), kept));
  it('is of each message, and added to what an earlier one told', () => {
    const part = made('summary = "debug"');
    const told = { 'redaction.redacted.keys': 'a,x', 'redaction.redacted.count': 2n };
    for (let i = 0; i < 2; i++)
      assert.deepEqual(attributesIn(part.span({ attributes: pairsOf({ ...told, m: 1n }) })), {
        'redaction.redacted.keys': 'a,m,x',
        'redaction.redacted.count': 3n,
      });
  });
});

describe('where', () => {
  const text = `${ALL}${CARD}`;
  const attributes = pairsOf({ a: '51000' });
  const masked = { a: '****' };
  const around = { resource: { a: '51000' }, scope: { attributes: { a: '51000' } } };
  it('resources, scopes, spans and their events; not links', () => {
    const span = { name: '51000', attributes, events: [{ attributes }, { attributes }], links: [{ attributes }] };
    const { resource, scope, items } = made(text).entry(TRACES, [span], around);
    const [out] = items as { name: string; events: object[]; links: object[] }[];
    for (const node of [resource, scope, out, ...out.events]) assert.deepEqual(attributesIn(node), masked);
    assert.deepEqual(attributesIn(out.links[0]), { a: '51000' });
    assert.equal(out.name, '51000');
  });
  it('data points of all kinds', () => {
    for (const kind of ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary']) {
      const { resource, items } = made(text).entry(METRICS, [{ [kind]: { dataPoints: [{ attributes }] } }], around);
      const point = (items[0][kind] as { dataPoints: object[] }).dataPoints[0];
      for (const node of [resource, point]) assert.deepEqual(attributesIn(node), masked, kind);
    }
  });
  it('log records', () => {
    const { resource, scope, items } = made(text).entry(LOGS, [{ attributes }], around);
    for (const node of [resource, scope, items[0]]) assert.deepEqual(attributesIn(node), masked);
  });
});

describe('log bodies', () => {
  const cases: readonly [string, string, Plain, Plain, Attributes][] = [
    [
      'text',
      ALL + CARD,
      'a 51000',
      'a ****',
      { 'redaction.body.masked.keys': 'body', 'redaction.body.masked.count': 1n },
    ],
    ['allowed text', `${ALL}${CARD}allowed_values = ["a"]`, 'a 51000', 'a 51000', {}],
    [
      'a number',
      ALL + CARD,
      51000n,
      '****',
      { 'redaction.body.masked.keys': 'body', 'redaction.body.masked.count': 1n },
    ],
    ['nothing to mask', ALL + CARD, 7n, 7n, {}],
    [
      'a map',
      `allowed_keys = ["user", "card", "list", "pass", "ok"]\nignored_keys = ["ign"]\nblocked_key_patterns = ["pass"]\n${CARD}allowed_values = ["^safe"]`,
      { user: { card: '51000', name: 'x', pass: 7n }, list: ['x', { card: 51000n }], ign: '51000', z: 1n, ok: 'safe' },
      { user: { card: '****', pass: '****' }, list: ['x', { card: '****' }], ign: '51000', ok: 'safe' },
      {
        'redaction.body.redacted.keys': 'user.name,z',
        'redaction.body.redacted.count': 2n,
        'redaction.body.masked.keys': 'list.[1].card,user.card,user.pass',
        'redaction.body.masked.count': 3n,
        'redaction.body.allowed.keys': 'ok',
        'redaction.body.allowed.count': 1n,
        'redaction.body.ignored.count': 1n,
      },
    ],
    [
      'a list',
      ALL + CARD,
      ['51000', ['x', '51000']],
      ['****', ['x', '****']],
      { 'redaction.body.masked.keys': '[0],[1].[1]', 'redaction.body.masked.count': 2n },
    ],
  ];
  for (const [name, text, from, to, attributes] of cases)
    it(name, () => {
      const log = made(`${text}\nsummary = "debug"`).log({ body: valueOf(from) });
      assert.deepEqual(plainIn(log['body'] as Record<string, unknown>), to);
      assert.deepEqual(attributesIn(log), attributes);
    });
  it('none stays none', () =>
    assert.equal(made(`${ALL}blocked_values = [".*"]`).log({ severityText: 'x' })['body'], undefined));
});

describe('configuration', () => {
  const pattern = 'invalid regular expression `(`: error parsing regexp: missing closing ): `(`';
  const cases: readonly [string, readonly string[]][] = [
    ...['blocked_key_patterns', 'ignored_key_patterns', 'allowed_values', 'blocked_values'].map(
      (name): [string, readonly string[]] => [`${name} = ["("]`, [`1: ${pattern}`]],
    ),
    ['hash_function = "crc"', ['1: "crc" should be one of "sha1", "sha3", "md5", "hmac-sha256", "hmac-sha512"']],
    ['hash_function = "hmac-sha256"', ['1: hmac_key must be at least 32 bytes long for hash_function "hmac-sha256"']],
    [
      'hash_function = "hmac-sha512"\nhmac_key = "0123456789abcdef0123456789abcdef"',
      ['2: hmac_key must be at least 64 bytes long for hash_function "hmac-sha512"'],
    ],
    ['url_sanitizer {\nenabled = true\n}', ['2: URLs cannot be rewritten here: mask what they hold by blocked_values']],
    [
      'db_sanitizer {\nsql {\nenabled = true\n}\n}',
      ['3: queries cannot be rewritten here: mask what they hold by blocked_values or blocked_key_patterns'],
    ],
    ['url_sanitizer { }\ndb_sanitizer { }', []],
  ];
  for (const [text, problems] of cases)
    it(text.replaceAll('\n', ' '), () => {
      const found = decodeArgs(schema, `${text}\noutput { }`).problems;
      // What a required key lacks is said of the block, whose place this text does not have.
      assert.deepEqual(
        found.map((problem) => problem.replace(/^0: hmac/, '1: hmac')),
        problems,
      );
    });
});
