import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attr, block, body, defaults, type BodySchema, type Infer, type Shape } from '#config/schema/schema.ts';
import {
  bool,
  consumers,
  duration,
  list,
  map,
  oneOf,
  secret,
  string,
  uint32,
  type ConsumerCapsule,
  type Secret,
} from '#config/schema/types.ts';

const inner = body({ key: attr(string, { required: true, doc: '' }), on: attr(bool, { default: true, doc: '' }) });
const loose = body({ on: attr(bool, { default: true, doc: '' }) });
const args = body(
  {
    timeout: attr(duration, { default: 200, doc: '' }),
    keys: attr(list(string), { default: [], doc: '' }),
    headers: attr(map(secret), { default: {}, doc: '' }),
    mode: attr(oneOf('a', 'b'), { default: 'a', doc: '' }),
    tenant: attr(string, { doc: '' }),
    count: attr(uint32, { required: true, doc: '' }),
    to: attr(consumers, { default: [], doc: '' }),
    one: block(loose, { doc: '' }),
    must: block(inner, { required: true, doc: '' }),
    may: block(inner, { optional: true, doc: '' }),
    many: block(inner, { many: true, doc: '' }),
  },
  (a, error) => {
    if (a.timeout < 0) error('timeout', 'must not be negative');
    // @ts-expect-error a key that does not exist is a compile error
    if (a.timeout < -1) error('timeuot', 'no such key');
  },
);

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Inner = { readonly key: string; readonly on: boolean };
const inferred: Equal<
  Infer<typeof args>,
  {
    readonly timeout: number;
    readonly keys: readonly string[];
    readonly headers: Readonly<Record<string, Secret>>;
    readonly mode: 'a' | 'b';
    readonly tenant: string | undefined;
    readonly count: number;
    readonly to: readonly ConsumerCapsule<'otelcol.Consumer'>[];
    readonly one: { readonly on: boolean };
    readonly must: Inner;
    readonly may: Inner | undefined;
    readonly many: readonly Inner[];
  }
> = true;
const erased: BodySchema<Shape> = args;

test('defaults have every key in the order of declaration', () => {
  assert.ok(inferred);
  assert.equal(erased, args);
  const filled = defaults(args);
  assert.deepEqual(Object.keys(filled), Object.keys(args.shape));
  assert.equal(filled.timeout, 200);
  assert.deepEqual(filled.one, { on: true });
  assert.equal(filled.may, undefined);
  assert.deepEqual(filled.many, []);
});

test('a block that is filled with defaults cannot have required fields', () => {
  assert.throws(() => block(inner, { doc: '' }), /required field "key"/);
});
