import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SPAN } from '#codec/otlp/fields.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import { BatchEditor, type Edits } from '#components/kit/edit/batch-editor.ts';
import { TRACES } from '#shared/signal.ts';
import { decodeRequest } from '#test/support/otlp-proto.ts';
import { TOO_WIDE, wideRequest } from '#test/support/wide-request.ts';

const rename: Edits = {
  span: ({ span }) => {
    const mark = span.mark();
    span.scratch.string(SPAN.name, 'new');
    span.put(SPAN.name, mark);
    return true;
  },
};

describe('a span of two-byte fields', () => {
  test('a million of them are too many: the batch fails, and the next batch is edited', () => {
    const editor = new BatchEditor();
    assert.throws(
      () => editor.run(TRACES, wideRequest(TOO_WIDE), 1, rename),
      (thrown: unknown) =>
        thrown instanceof ProtobufError && /more than 1048576 fields in one message/.test(thrown.message),
    );
    const edited = editor.run(TRACES, wideRequest(3), 1, rename);
    assert.ok(edited !== null);
    const [entry] = decodeRequest(TRACES, edited).resourceSpans as { scopeSpans: { spans: { name: string }[] }[] }[];
    assert.equal(entry.scopeSpans[0].spans[0].name, 'new');
  });

  test('where nobody looks into it there may be as many as there are', () => {
    const bytes = wideRequest(TOO_WIDE);
    assert.equal(new BatchEditor().run(TRACES, bytes, 1, { span: () => true }), bytes);
  });
});
