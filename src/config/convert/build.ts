/** Syntax trees whose places are those of the YAML that they come from. */
import { numberText } from '#config/eval/convert.ts';
import { isArray, isObject, isSecret, type Value } from '#config/eval/value.ts';
import type { AttrStatement, BlockStatement, Body, Expr, ObjectField } from '#config/syntax/ast.ts';
import { goQuote } from '#config/syntax/go-quote.ts';
import { isIdentifier } from '#config/syntax/quote.ts';
import type { Range } from '#config/yaml/node.ts';

export function attribute(name: string, nameAt: Range, value: Expr): AttrStatement {
  return {
    kind: 'attr',
    name: { text: name, ...placed(nameAt) },
    value,
    start: nameAt.start,
    end: Math.max(nameAt.end, value.end),
  };
}

export function blockStatement(
  name: string,
  label: { readonly text: string; readonly at: Range } | null,
  nameAt: Range,
  body: Body,
): BlockStatement {
  return {
    kind: 'block',
    parts: name.split('.'),
    name: { text: name, ...placed(nameAt) },
    label: label === null ? null : { text: label.text, ...placed(label.at) },
    body,
    start: nameAt.start,
    end: nameAt.end,
  };
}

/** A value that has a source form; secrets give their text. Keys of objects are sorted, as Go prints them. */
export function literal(value: Value, at: Range): Expr {
  const place = placed(at);
  if (value === null) return { kind: 'literal', token: 'NULL', text: 'null', ...place };
  if (typeof value === 'boolean') return { kind: 'literal', token: 'BOOL', text: String(value), ...place };
  if (typeof value === 'string')
    return { kind: 'literal', token: 'STRING', text: goQuote(value, false, false), ...place };
  if (typeof value === 'bigint' || typeof value === 'number') return number(value, at);
  if (isSecret(value)) return { kind: 'literal', token: 'STRING', text: goQuote(value.secret, false, false), ...place };
  if (isArray(value)) return { kind: 'array', elements: value.map((element) => literal(element, at)), ...place };
  if (isObject(value)) {
    return object(
      Array.from(value, ([key, field]) => ({ key, keyAt: at, value: literal(field, at) })),
      at,
    );
  }
  throw new TypeError('a value without a source form cannot be written out');
}

export function object(
  fields: readonly { readonly key: string; readonly keyAt: Range; readonly value: Expr }[],
  at: Range,
): Expr {
  const sorted: ObjectField[] = fields
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ key, keyAt, value }) => ({ name: { text: key, ...placed(keyAt) }, quoted: !isIdentifier(key), value }));
  return { kind: 'object', fields: sorted, ...placed(at) };
}

/** `a.b.c`. */
export function reference(path: readonly string[], at: Range): Expr {
  const [first, ...rest] = path;
  return rest.reduce<Expr>(
    (left, name) => ({ kind: 'access', left, name: { text: name, ...placed(at) }, ...placed(at) }),
    {
      kind: 'identifier',
      name: first,
      ...placed(at),
    },
  );
}

export function call(path: readonly string[], args: readonly Expr[], at: Range): Expr {
  return { kind: 'call', left: reference(path, at), args, ...placed(at) };
}

export function binary(operator: '+' | '==', left: Expr, right: Expr, at: Range): Expr {
  return { kind: 'binary', operator, left, right, ...placed(at) };
}

function number(value: bigint | number, at: Range): Expr {
  if (value < 0) return { kind: 'unary', operator: '-', operand: number(-value, at), ...placed(at) };
  const text = numberText(value);
  return { kind: 'literal', token: text.includes('.') ? 'FLOAT' : 'NUMBER', text, ...placed(at) };
}

const placed = ({ start, end }: Range): Range => ({ start, end });
