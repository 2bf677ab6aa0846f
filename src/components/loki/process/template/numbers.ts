/** sprig's functions of numbers. Whole ones are exact up to 2^53. */
import { fn, refuse, type Fn } from './function.ts';
import { asInt, asNumber, asText, Float, type Value } from './value.ts';

const MANY = 100;

/** Of any number of whole numbers, from the left. */
const fold = (combine: (a: number, b: number) => number): Fn =>
  fn(1, MANY, (args) => args.map(asInt).reduce((a, b) => combine(a, b)));

const float = (call: (value: number) => number): Fn => fn(1, 1, ([value]) => new Float(call(asNumber(value))));

function divided(a: Value, b: Value, name: string, divide: (a: number, b: number) => number): number {
  const by = asInt(b);
  return by === 0 ? refuse(name, 'runtime error: integer divide by zero') : divide(asInt(a), by);
}

export const numberFunctions: Readonly<Record<string, Fn>> = {
  add: fold((a, b) => a + b),
  add1: fn(1, 1, ([a]) => asInt(a) + 1),
  sub: fn(2, 2, ([a, b]) => asInt(a) - asInt(b)),
  mul: fold((a, b) => a * b),
  div: fn(2, 2, ([a, b], name) => divided(a, b, name, (x, y) => Math.trunc(x / y))),
  mod: fn(2, 2, ([a, b], name) => divided(a, b, name, (x, y) => x % y)),
  max: fold(Math.max),
  min: fold(Math.min),
  floor: float(Math.floor),
  ceil: float(Math.ceil),
  round: fn(2, 2, ([value, digits]) => {
    const scale = 10 ** asInt(digits);
    return new Float(Math.round(asNumber(value) * scale) / scale);
  }),
  addf: fn(1, MANY, (args) => new Float(args.map(asNumber).reduce((a, b) => a + b))),
  subf: fn(1, MANY, (args) => new Float(args.map(asNumber).reduce((a, b) => a - b))),
  mulf: fn(1, MANY, (args) => new Float(args.map(asNumber).reduce((a, b) => a * b))),
  divf: fn(1, MANY, (args) => new Float(args.map(asNumber).reduce((a, b) => a / b))),
  int: fn(1, 1, ([value]) => asInt(value)),
  int64: fn(1, 1, ([value]) => asInt(value)),
  float64: float((value) => value),
  atoi: fn(1, 1, ([value], name) => (/^[+-]?\d+$/.test(asText(value, name)) ? Number(value) : 0)),
};
