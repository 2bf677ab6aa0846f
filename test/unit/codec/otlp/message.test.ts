import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EditSpace } from '#codec/otlp/address.ts';
import { AttributeKeys } from '#codec/otlp/attribute-keys.ts';
import { pairBytes } from '#codec/otlp/attribute-edit.ts';
import { KEY_VALUE, SPAN } from '#codec/otlp/fields.ts';
import { Message } from '#codec/otlp/message.ts';
import { peek, presentKeys } from '#codec/otlp/peek.ts';
import { VARINT } from '#codec/protobuf/limits.ts';
import { Writer } from '#codec/protobuf/writer.ts';

const bytesOf = (...keys: readonly string[]): Buffer[] => keys.map((key) => Buffer.from(key));
const pair = (key: string, value = key): Buffer => pairBytes(SPAN.attributes, Buffer.from(key), value);

/** A span of these fields, in a space of its own. */
function spanOf(...fields: readonly Buffer[]): Message {
  const space = new EditSpace();
  space.reset(Buffer.concat(fields));
  const span = new Message(space);
  span.set(0, space.source.length);
  return span;
}
function field(write: (out: Writer) => void): Buffer {
  const out = new Writer();
  write(out);
  return out.finish();
}
const name = (text: string): Buffer => field((out) => out.string(SPAN.name, text));
const kind = field((out) => out.uint32(SPAN.kind, 2));
const textOf = (span: Message): string => span.buf.toString('utf8', span.start, span.stop);
function wholeOf(span: Message): Buffer {
  span.whole();
  return Buffer.from(span.buf.subarray(span.start, span.stop));
}

describe('peek', () => {
  it('finds a field without a table, wherever it is', () => {
    for (const span of [spanOf(name('a'), kind), spanOf(kind, pair('x'), name('a'))]) {
      assert.ok(peek(span, SPAN.name));
      assert.equal(textOf(span), 'a');
      assert.ok(peek(span, SPAN.kind, VARINT));
      assert.equal(peek(span, SPAN.status), false);
      assert.equal(peek(span, SPAN.kind), false, 'of another wire type');
    }
  });
  it('takes the last of several that stand together', () => {
    const span = spanOf(name('a'), name('bc'), kind);
    assert.ok(peek(span, SPAN.name));
    assert.equal(textOf(span), 'bc');
  });
  it('sees what was edited', () => {
    const span = spanOf(name('a'));
    const mark = span.mark();
    span.scratch.raw(name('b'));
    span.append(mark);
    assert.ok(peek(span, SPAN.name));
    assert.equal(textOf(span), 'b');
  });
});

describe('present', () => {
  const keys = new AttributeKeys(bytesOf('a', 'bb', 'cc', ''));
  it('tells keys, with and without a table', () => {
    for (const indexed of [false, true]) {
      const span = spanOf(pair('cc'), name('a'), pair('a'), pair('a'), pair('dd'), pair('x'.repeat(200)));
      if (indexed) span.has(SPAN.name);
      assert.equal(presentKeys(span, SPAN.attributes, keys), 0b101);
      const mark = span.mark();
      span.scratch.raw(pair('bb'));
      span.append(mark);
      assert.equal(presentKeys(span, SPAN.attributes, keys), 0b111, 'with what was added');
    }
    assert.equal(keys.all, 0b1111);
  });
  it('reads attributes of any shape', () => {
    const odd = (write: (out: Writer) => void): Buffer =>
      field((out) => {
        const begun = out.begin(SPAN.attributes);
        write(out);
        out.end(begun);
      });
    const valueFirst = odd((out) => {
      out.string(KEY_VALUE.value, '');
      out.string(KEY_VALUE.key, 'bb');
    });
    const keyOnly = odd((out) => out.string(KEY_VALUE.key, 'a'));
    const empty = odd(() => undefined);
    assert.equal(presentKeys(spanOf(valueFirst), SPAN.attributes, keys), 0b10);
    assert.equal(presentKeys(spanOf(keyOnly), SPAN.attributes, keys), 0b1);
    assert.equal(presentKeys(spanOf(empty), SPAN.attributes, keys), 0b1000);
  });
});

describe('append', () => {
  it('needs no table, and is seen by everything that makes one', () => {
    const span = spanOf(name('a'), pair('a'));
    for (const key of ['b', 'c']) {
      const mark = span.mark();
      span.scratch.raw(pair(key));
      span.append(mark);
    }
    assert.deepEqual(wholeOf(span), Buffer.concat([name('a'), pair('a'), pair('b'), pair('c')]));
    assert.ok(span.edited);
  });
  it('takes bytes that others have pointed to', () => {
    const span = spanOf(name('a'));
    const mark = span.mark();
    span.scratch.raw(pair('b'));
    const end = span.space.end;
    span.scratch.raw(pair('something else'));
    span.append(mark, end);
    assert.ok(span.find(SPAN.attributes, Buffer.from('b')));
    span.append(mark, end);
    assert.deepEqual(wholeOf(span), Buffer.concat([name('a'), pair('b'), pair('b')]));
  });
  it('goes on after a table was made', () => {
    const span = spanOf(name('a'));
    for (const key of ['b', 'c']) {
      const mark = span.mark();
      span.scratch.raw(pair(key));
      span.append(mark);
      assert.ok(span.find(SPAN.attributes, Buffer.from(key)));
    }
    span.remove(span.row);
    assert.deepEqual(wholeOf(span), Buffer.concat([name('a'), pair('b')]));
  });
});
