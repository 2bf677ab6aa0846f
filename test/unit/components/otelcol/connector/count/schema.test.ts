/** Mistakes in the arguments of otelcol.connector.count, with their places. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { args as schema } from '#components/otelcol/connector/count/schema.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import { Names } from '#config/eval/names.ts';
import { decode } from '#config/schema/schema.ts';
import { parse } from '#config/syntax/parse.ts';

/** `line:col-col message (help)`. */
function problems(text: string): string[] {
  const { file } = parse('test', `component "label" {\n${text}\noutput { }\n}`);
  const owner = file.body[0];
  assert.ok(owner?.kind === 'block');
  const evaluated = evaluateBody(file.source, owner.body, new Names());
  const decoded = decode(schema, evaluated.body, file.source.span(owner.name.start, owner.name.end));
  return [...evaluated.diagnostics, ...decoded.diagnostics].map(
    ({ span, message, help }) =>
      `${span.line - 1}:${span.col}-${span.endCol} ${message}${help === undefined ? '' : ` (${help})`}`,
  );
}

describe('conditions', () => {
  test('a mistake has its place inside the string', () => {
    assert.deepEqual(problems('spans {\nconditions = ["true", "name = 1"]\n}'), [
      '2:29-30 "name = 1" is not a valid OTTL condition: unexpected `=` at offset 5, after `name ` (write == to compare)',
    ]);
  });
  test('also behind escapes, in raw strings and at the end', () => {
    assert.deepEqual(
      problems('spans { conditions = ["attributes[\\"a\\"] = 1"] }').map((line) => line.slice(0, 7)),
      ['1:42-43'],
    );
    assert.deepEqual(problems('spans { conditions = [`nam == "a"`] }')[0].slice(0, 7), '1:24-27');
    assert.deepEqual(problems('spans { conditions = ["name =="] }')[0].slice(0, 7), '1:31-31');
  });
  test('of a text that is computed, the whole expression', () => {
    assert.deepEqual(problems('spans { conditions = ["na" + "m = 1"] }')[0].slice(0, 7), '1:23-37');
  });
  test('paths, enums and converters are those of the block', () => {
    assert.match(problems('logs { conditions = ["kind == 1"] }')[0], /the context log has no path `kind`/);
    assert.match(problems('metrics { conditions = ["IsRootSpan()"] }')[0], /not for the context metric/);
    assert.deepEqual(problems('metrics { conditions = ["HasAttrKeyOnDatapoint(\\"a\\")"] }'), []);
    assert.deepEqual(problems('spanevents { conditions = ["span.kind == SPAN_KIND_SERVER"] }'), []);
  });
});

test('other mistakes', () => {
  assert.match(problems('spans { name = "" }')[0], /name must not be empty/);
  assert.match(problems('spans { attributes { key = "" } }')[0], /key must not be empty/);
  assert.match(
    problems('spans {\nattributes { key = "a" }\nattributes { key = "a" }\n}')[0],
    /duplicate attribute key: "a"/,
  );
  assert.match(problems('metrics { attributes { key = "a" } }')[0], /metrics have no attributes/);
  assert.match(problems('spans { name = "a" }\nspans { name = "a" }')[0], /count the same metric "a"/);
  assert.match(problems('spans { attributes {\nkey = "a"\ndefault_value = true\n} }')[0], /string or a number/);
  assert.deepEqual(problems('spans { name = "a" }\nlogs { name = "a" }'), []);
});
