/**
 * The leaf types that arguments are made of. Decoded values are plain data: they survive a structured clone.
 */
import { didYouMean } from '#config/diag/suggest.ts';
import { asNumber, asString, numberText } from '#config/eval/convert.ts';
import {
  isArray,
  isCapsule,
  isObject,
  isSecret,
  secretOf,
  typeName,
  type Capsule,
  type Secret,
  type Value,
} from '#config/eval/value.ts';
import { durationText, parseDuration } from './duration.ts';
import { Fault, fault, under, type Problem } from './fault.ts';
import { parseSize, sizeText } from './size.ts';
import { type, type Type } from './type.ts';

export { secretOf };
export type { Secret, Type };

const wanted = (name: string, value: Value, help?: string): Fault =>
  fault(`should be ${name}, got ${typeName(value)}`, help);
const couldBe = (type: Type<unknown>, value: Value): boolean => !(type.decode(value) instanceof Fault);

function decodeString(value: Value): string | Fault {
  return (
    asString(value) ?? (isSecret(value) ? fault('secrets may not be converted into strings') : wanted('string', value))
  );
}

export const string: Type<string> = type('string', decodeString, (text) => text);

export const bool: Type<boolean> = type(
  'bool',
  (value) => (typeof value === 'boolean' ? value : value === null ? false : wanted('bool', value)),
  (truth) => truth,
);

function decodeNumber(value: Value): bigint | number | Fault {
  return asNumber(value) ?? wanted('number', value);
}

/** float64. */
export const number: Type<number> = type(
  'number',
  (value) => {
    const decoded = decodeNumber(value);
    return typeof decoded === 'bigint' ? Number(decoded) : decoded;
  },
  (decoded) => (Number.isSafeInteger(decoded) ? BigInt(decoded) : decoded),
);

function whole(name: string, min: bigint, max: bigint): Type<number> {
  return type(
    name,
    (value) => {
      const decoded = decodeNumber(value);
      if (decoded instanceof Fault) return decoded;
      if (typeof decoded === 'number' && !Number.isInteger(decoded))
        return fault(`should be a whole number, got ${numberText(decoded)}`);
      const exact = BigInt(decoded);
      return exact < min || exact > max
        ? fault(`should be a whole number from ${min} to ${max}, got ${exact}`)
        : Number(exact);
    },
    (decoded) => BigInt(decoded),
  );
}

/** Whole number of Go's int. Beyond 2^53 the nearest float64. */
export const int: Type<number> = whole('int', -(2n ** 63n), 2n ** 63n - 1n);
/** Whole number of Go's int64. Beyond 2^53 the nearest float64. */
export const int64: Type<number> = whole('number', -(2n ** 63n), 2n ** 63n - 1n);
export const uint32: Type<number> = whole('number', 0n, 2n ** 32n - 1n);

/** Whole number of Go's uint64, exactly. */
export const uint64: Type<bigint> = type(
  'uint',
  (value) => {
    if (value === null) return 0n;
    const decoded = decodeNumber(value);
    if (decoded instanceof Fault) return decoded;
    if (typeof decoded === 'number' && !Number.isInteger(decoded))
      return fault(`should be a whole number, got ${numberText(decoded)}`);
    const exact = BigInt(decoded);
    return exact < 0n || exact >= 2n ** 64n
      ? fault(`should be a whole number from 0 to ${2n ** 64n - 1n}, got ${exact}`)
      : exact;
  },
  (decoded) => decoded,
);

/** Milliseconds, with fractions down to the nanosecond. Written as Go's duration text. */
export const duration: Type<number> = type(
  'duration',
  (value) =>
    measure('duration', value, parseDuration, 'write a number with a unit (ns, us, ms, s, m, h), for example "1m30s"'),
  durationText,
);

/** Bytes. Written `"512KiB"`, `"20MiB"`, or as a plain number of bytes. */
export const size: Type<number> = type(
  'size',
  (value) => {
    if (typeof value === 'number' || typeof value === 'bigint') return int64.decode(value);
    return measure(
      'size',
      value,
      parseSize,
      'write a number with a unit (B, KiB, MiB, GiB, TiB), for example "512KiB"',
    );
  },
  sizeText,
);

function measure(
  name: string,
  value: Value,
  parse: (text: string) => number | { readonly problem: string },
  help: string,
): number | Fault {
  if (value === null) return 0;
  const text = decodeString(value);
  if (text instanceof Fault) return text;
  const parsed = parse(text);
  return typeof parsed === 'number' ? parsed : fault(`is not a valid ${name}: ${parsed.problem}`, help);
}

export function list<T>(item: Type<T>): Type<readonly T[]> {
  return type(
    `list(${item.name})`,
    (value) => {
      if (value === null) return [];
      if (!isArray(value)) return wanted('array', value, couldBe(item, value) ? 'write [ ... ] around it' : undefined);
      const decoded: T[] = [];
      const problems: Problem[] = [];
      value.forEach((element, i) => {
        const one = item.decode(element);
        if (one instanceof Fault) problems.push(...under(i, one));
        else decoded.push(one);
      });
      return problems.length > 0 ? new Fault(problems) : decoded;
    },
    (items) => items.map((one) => item.encode(one)),
  );
}

/** An object with values of one type. Any key is safe to hold; read it by its entries, for it inherits from Object. */
export function map<T>(item: Type<T>): Type<Readonly<Record<string, T>>> {
  return type(
    `map(${item.name})`,
    (value) => {
      if (value === null) return {};
      if (!isObject(value)) return wanted('object', value);
      const decoded: [string, T][] = [];
      const problems: Problem[] = [];
      for (const [key, element] of value) {
        const one = item.decode(element);
        if (one instanceof Fault) problems.push(...under(key, one));
        else decoded.push([key, one]);
      }
      return problems.length > 0 ? new Fault(problems) : Object.fromEntries(decoded);
    },
    (items) => new Map(Object.entries(items).map(([key, one]) => [key, item.encode(one)])),
  );
}

/** A sensitive string; a plain string is taken, too. */
export const secret: Type<Secret> = type(
  'secret',
  (value) => {
    if (isSecret(value)) return value;
    const text = decodeString(value);
    return text instanceof Fault ? wanted('secret', value) : secretOf(text);
  },
  (value) => value,
);

/** What may be sensitive and may be not (grafana/alloy `alloytypes.OptionalSecret`): it stays what it is. */
export const secretOrString: Type<Secret | string> = type<Secret | string>(
  'secret or string',
  (value) => {
    if (isSecret(value)) return value;
    const text = decodeString(value);
    return text instanceof Fault ? wanted('secret or string', value) : text;
  },
  (value) => value,
);

/** Any value, as it is. */
export const any: Type<Value> = type(
  'any',
  (value) => value,
  (value) => value,
);

/** One of a few words. */
export function oneOf<const W extends readonly string[]>(...words: W): Type<W[number]> {
  const made = type<W[number]>(
    'string',
    (value) => {
      const text = decodeString(value);
      if (text instanceof Fault || words.includes(text)) return text;
      return fault(`should be one of ${words.map((word) => `"${word}"`).join(', ')}`, didYouMean(text, words));
    },
    (word) => word,
  );
  return { ...made, words };
}

/**
 * What a component's exported `input` or `receiver` evaluates to. The same shape as `ConsumerRef` of `#shared/plan.ts`, which the
 * language does not import.
 */
export interface ConsumerCapsule<C extends ConsumerKind = ConsumerKind> extends Capsule {
  readonly capsule: C;
  readonly nodeId: string;
  /** What the component takes: 0 traces, 1 metrics, 2 logs, 3 Prometheus series, 4 Loki lines. */
  readonly accepts: readonly (0 | 1 | 2 | 3 | 4)[];
}
type ConsumerKind = 'otelcol.Consumer' | 'storage.Appendable' | 'loki.LogsReceiver';

/** Where data goes next: a list of what components export for it. null elements are left out, as in Alloy. */
function consumersOf<C extends ConsumerKind>(
  kind: C,
  shown: string,
  example: string,
): Type<readonly ConsumerCapsule<C>[]> {
  const isOne = (value: Value): value is ConsumerCapsule<C> => isCapsule(value) && value.capsule === kind;
  const one: Type<ConsumerCapsule<C>> = type(
    shown,
    (value) => {
      if (isOne(value)) return value;
      return fault(
        `should be capsule("${kind}"), got ${isCapsule(value) ? `capsule("${value.capsule}")` : typeName(value)}`,
        `name the ${example.split('.').at(-1)} of a component, for example ${example}`,
      );
    },
    (ref) => ref,
  );
  const every = list(one);
  return type(
    every.name,
    (value) => {
      if (value === null || !isArray(value) || !value.includes(null)) return every.decode(value);
      const kept = value.flatMap((element, i) => (element === null ? [] : [{ element, i }]));
      const decoded = every.decode(kept.map((k) => k.element));
      if (!(decoded instanceof Fault)) return decoded;
      return new Fault(decoded.problems.map((p) => ({ ...p, path: [kept[Number(p.path[0])].i, ...p.path.slice(1)] })));
    },
    (refs) => every.encode(refs),
  );
}

/** Inputs of components that take OTLP. */
export const consumers = consumersOf('otelcol.Consumer', 'otelcol.Consumer', 'otelcol.processor.batch.default.input');
/** `forward_to` of what gives Prometheus series. */
export const metricsReceivers = consumersOf(
  'storage.Appendable',
  'MetricsReceiver',
  'prometheus.remote_write.default.receiver',
);
/** `forward_to` of what gives Loki lines. */
export const logsReceivers = consumersOf('loki.LogsReceiver', 'LogsReceiver', 'loki.write.default.receiver');

/** A capsule that nothing can produce yet: every value but null is answered with `message`. */
export function capsuleLater(name: string, message: string): Type<null> {
  return type<null>(
    `capsule(${name})`,
    (value) => (value === null ? null : fault(message)),
    (nothing) => nothing,
  );
}
