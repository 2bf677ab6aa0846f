/** Brings items to the one form in which they are compared: `1000ms` is `1s`, an id is its name, a bound of a bucket is `0.5`. */
import type { Field, Fields } from './fields.ts';
import type { Names } from './names.ts';
import { durationNs, nsText, type Times } from './times.ts';
import { isList, isMap, scalarText, type Value, type ValueMap } from './value.ts';

export interface Terms {
  readonly names: Names;
  readonly times: Times;
}

/** Keys that are conditions and not values begin so: `$matches`. */
export const isCondition = (value: Value | undefined): value is ValueMap =>
  isMap(value) && Object.keys(value).some((key) => key.startsWith('$') && key !== '$bytes');

/** An item that was checked against its table. null stays null, conditions stay as they are. */
export function canonical(fields: Fields, item: ValueMap, terms: Terms): ValueMap {
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => [
      key,
      Object.hasOwn(fields, key) ? field(fields[key], value, terms) : value,
    ]),
  );
}

function field(type: Field, value: Value, terms: Terms): Value {
  if (value === null || isCondition(value)) return value;
  switch (type.type) {
    case 'text':
      return scalarText(value);
    case 'time': {
      const ns = terms.times.read(scalarText(value));
      return ns === null ? value : terms.times.text(ns);
    }
    case 'duration': {
      const ns = durationNs(scalarText(value));
      return ns === null ? value : nsText(ns);
    }
    case 'trace':
      return terms.names.text(terms.names.trace(scalarText(value)));
    case 'span':
      return terms.names.text(terms.names.span(scalarText(value)));
    case 'choice': {
      const word = scalarText(value).toLowerCase();
      return word === 'unset' || word === 'unspecified' ? null : word;
    }
    case 'numbers':
      return isMap(value) ? rekeyed(value, boundText) : value;
    case 'labels':
      return isMap(value)
        ? Object.fromEntries(Object.entries(value).map(([key, label]) => [key, labelText(label)]))
        : value;
    case 'map':
      return isMap(value) ? canonical(type.fields, value, terms) : value;
    case 'maps':
      return isList(value) ? value.map((one) => (isMap(one) ? canonical(type.fields, one, terms) : one)) : value;
    default:
      return value;
  }
}

/** `+Inf`, `0.5`, `1000` however it was written. */
export function boundText(text: string): string {
  if (/^[+]?\.?inf(inity)?$/i.test(text)) return '+Inf';
  const number = Number(text);
  return text.trim() === '' || Number.isNaN(number) ? text : String(number);
}

function rekeyed(map: ValueMap, key: (text: string) => string): ValueMap {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [key(name), value]));
}

function labelText(value: Value): Value {
  return value === null || isMap(value) || isList(value) ? value : String(value);
}
