import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { args as schema } from '#components/otelcol/processor/attributes/schema.ts';
import { decodeArgs } from '#test/support/decode-args.ts';

/** Lines of an action block, what is said about it, and the line in it that it is said of (0: the block). */
const ACTIONS: readonly [readonly string[], string, number][] = [
  [['action = "insert"', 'value = 1'], 'action block number 2: the action insert requires key', 0],
  [['action = "delete"'], 'action block number 2: the action delete requires key or pattern', 0],
  [['key = "a"', 'action = "insert"'], 'the action insert requires one of value, from_attribute or from_context', 2],
  [
    ['key = "a"', 'action = "update"', 'value = 1', 'from_attribute = "b"'],
    'the action update takes only one of value, from_attribute and from_context',
    4,
  ],
  [['key = "a"', 'action = "upsert"', 'value = 1', 'pattern = "x"'], 'the action upsert does not use pattern', 4],
  [
    ['key = "a"', 'action = "upsert"', 'value = 1', 'converted_type = "int"'],
    'the action upsert does not use converted_type',
    4,
  ],
  [['key = "a"', 'action = "hash"', 'value = 1'], 'the action hash does not use value', 3],
  [['key = "a"', 'action = "delete"', 'from_attribute = "b"'], 'the action delete does not use from_attribute', 3],
  [
    ['action = "delete"', 'pattern = "("'],
    'invalid regular expression `(`: error parsing regexp: missing closing ): `(`',
    2,
  ],
  [['key = "a"', 'action = "extract"'], 'the action extract requires pattern', 2],
  [['key = "a"', 'action = "extract"', 'pattern = "a"'], 'pattern has no named group, such as (?P<name>...)', 3],
  [
    ['key = "a"', 'action = "extract"', 'pattern = "(?P<a>.)(.)"'],
    'pattern has a group without a name: write (?P<name>...) or (?:...)',
    3,
  ],
  [['key = "a"', 'action = "convert"'], 'the action convert requires converted_type', 2],
  [
    ['key = "a"', 'action = "convert"', 'converted_type = "bool"'],
    'converted_type should be one of "int", "double", "string"',
    3,
  ],
  [
    ['key = "a"', 'action = "convert"', 'converted_type = "int"', 'pattern = "x"'],
    'the action convert does not use pattern',
    4,
  ],
  [
    ['key = "a"', 'action = "rename"'],
    '"rename" should be one of "insert", "update", "upsert", "hash", "extract", "convert", "delete"',
    2,
  ],
  [
    ['key = "a"', 'action = "insert"', 'from_context = "client.address"'],
    'from_context cannot be "client.address": the address of the client does not reach processors',
    3,
  ],
  [
    ['key = "a"', 'action = "insert"', 'from_context = "auth.user"'],
    'from_context cannot be "auth.*": what an authenticator knows does not reach processors',
    3,
  ],
  [['key = "a"', 'value = 1'], 'missing required attribute "action"', 0],
];

describe('actions', () => {
  for (const [lines, message, line] of ACTIONS)
    it(message, () => {
      const first = 'action {\nkey = "a"\naction = "delete"\n}\n';
      const { problems } = decodeArgs(schema, `${first}action {\n${lines.join('\n')}\n}\noutput { }`);
      assert.deepEqual(problems, [`${5 + line}: ${message}`]);
    });
  it('delete and hash take key and pattern, and from_context, which does nothing', () => {
    const text = 'action {\nkey = "a"\npattern = "b"\nfrom_context = "c"\naction = "Hash"\n}\noutput { }';
    assert.deepEqual(decodeArgs(schema, text).problems, []);
  });
});
