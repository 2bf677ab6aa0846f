/** Editors that put one value somewhere. */
import type { PlainValue } from '#codec/otlp/any-value.ts';
import { copyValue, pairBytes, putConstant } from '#codec/otlp/attribute-edit.ts';
import { ConstantField } from '#codec/otlp/constant-field.ts';
import type { Compiled, Located } from '../compiled.ts';
import { EvaluationError, fail } from '../error.ts';
import type { Arguments } from '../functions/arguments.ts';
import { editor, type Editor } from '../functions/function.ts';
import { plainIn } from '../plain.ts';
import type { Run } from '../telemetry.ts';
import { isList, type Value } from '../value.ts';

type One = NonNullable<Compiled['attribute']>;

/** A value that is nil sets nothing. */
function set(args: Arguments): Run {
  const target = args.target(0);
  const value = args.operand(1);
  const { attribute } = target;
  if (attribute !== undefined && value.constant !== undefined && value.constant !== null)
    return setConstant(attribute, plainConstant(args, value.constant));
  if (attribute !== undefined && value.located?.kind === 'any') return copyAttribute(attribute, value.located);
  return (t) => {
    const given = value.get(t);
    if (given !== null) target.set(t, given);
  };
}

function plainConstant(args: Arguments, constant: Value): PlainValue {
  try {
    return plainIn(constant);
  } catch (thrown) {
    if (thrown instanceof EvaluationError) throw args.wrong(1, thrown.message);
    throw thrown;
  }
}

/** The attribute is made once for each field that it may stand in: points of different kinds number their fields differently. */
function setConstant({ attributes, key }: One, plain: PlainValue): Run {
  const made: (ConstantField | undefined)[] = [];
  return (t) => {
    const message = attributes.of(t);
    if (message === null) return;
    const field = attributes.field(t);
    putConstant(message, field, key, (made[field] ??= new ConstantField(pairBytes(field, key, plain))));
  };
}

/** From one attribute to another, as bytes. */
function copyAttribute({ attributes, key }: One, source: Located): Run {
  return (t) => {
    const from = source.locate(t);
    const message = attributes.of(t);
    if (from === null || message === null || from.start === from.stop) return;
    copyValue(message, attributes.field(t), key, from.buf, from.start, from.stop);
  };
}

function append(args: Arguments): Run {
  const target = args.target(0);
  const one = args.has(1) ? args.value(1) : null;
  const many = args.has(2) ? args.list(2) : null;
  if (one === null && many === null) throw args.wrong(0, 'append takes a `value`, `values`, or both');
  return (t) => {
    const before = target.get(t);
    const list: Value[] = before === null ? [] : isList(before) ? [...before] : [before];
    if (one !== null) {
      const given = one(t);
      if (isList(given)) list.push(...given);
      else if (given !== null) list.push(given);
    }
    if (many !== null) list.push(...many(t));
    target.set(t, list);
  };
}

function deleteIndex(args: Arguments): Run {
  const target = args.target(0);
  const start = args.int(1);
  const end = args.has(2) ? args.int(2) : null;
  return (t) => {
    const list = target.get(t);
    if (!isList(list)) return fail('delete_index takes a list');
    const from = start(t);
    const to = end === null ? from + 1n : end(t);
    const { length } = list;
    const isEmptied = from === 0n && to === BigInt(length);
    if (from < 0n || (from >= BigInt(length) && !isEmptied))
      fail(`index ${from} is out of bounds of a list of ${length}`);
    if (to < from || to > BigInt(length))
      fail(`end ${to} is out of bounds of a list of ${length}, or before its start`);
    if (to > from) target.set(t, [...list.slice(0, Number(from)), ...list.slice(Number(to))]);
  };
}

export const SET: readonly Editor[] = [
  editor('set', ['target', 'value'], 'Sets the target to the value; a value that is nil changes nothing.', set),
  editor(
    'append',
    ['target', 'value?', 'values?'],
    'Adds to the list that the target is; a single value becomes a list, nothing an empty one.',
    append,
  ),
  editor(
    'delete_index',
    ['target', 'start_index', 'end_index?'],
    'Removes the items from `start_index` up to, not including, `end_index`; without it one item.',
    deleteIndex,
  ),
];
