/** OTTL statements run on one item, for tests: what comes out, as the oracle reads it. */
import { BatchEditor } from '#components/kit/edit/batch-editor.ts';
import { VISITOR_OF } from '#components/kit/edit/visitors.ts';
import { countItems } from '#codec/otlp/count.ts';
import type { ContextName } from '#ottl/context.ts';
import { EDITORS, type Editors } from '#ottl/editors/library.ts';
import { compileStatements } from '#ottl/expression.ts';
import { CONVERTERS, type Functions } from '#ottl/functions/library.ts';
import type { Telemetry } from '#ottl/telemetry.ts';
import { LOGS, METRICS, TRACES, type Signal } from '#shared/signal.ts';
import { decodeRequest, type Plain, type PlainMessage } from './otlp-proto.ts';
import { RESOURCE, requestOf } from './ottl.ts';

type Fields = Readonly<Record<string, unknown>>;

const SIGNAL_OF: Readonly<Record<ContextName, Signal>> = {
  resource: TRACES,
  scope: TRACES,
  span: TRACES,
  spanevent: TRACES,
  metric: METRICS,
  datapoint: METRICS,
  log: LOGS,
};

const FIELDS = [
  ['resourceSpans', 'scopeSpans', 'spans'],
  ['resourceMetrics', 'scopeMetrics', 'metrics'],
  ['resourceLogs', 'scopeLogs', 'logRecords'],
] as const;

export interface Edited {
  /** ResourceSpans and the like, and ScopeSpans and the like. */
  readonly entry: PlainMessage;
  readonly scope: PlainMessage;
  readonly items: readonly PlainMessage[];
  /** What statements failed with, in order. */
  readonly errors: readonly string[];
}

export interface EditOptions {
  readonly editors?: Editors;
  readonly functions?: Functions;
  readonly resource?: Fields;
  readonly signal?: Signal;
}

/** Runs statements on a request with these items in one scope, all in one run. */
export function editAll(
  context: ContextName,
  items: readonly Fields[],
  statements: readonly string[],
  { editors = EDITORS, functions = CONVERTERS, resource = RESOURCE, signal = SIGNAL_OF[context] }: EditOptions = {},
): Edited {
  const compiled = compileStatements(statements, context, functions, editors);
  const errors: string[] = [];
  const bytes = requestOf(signal, items, resource);
  const before = Buffer.from(bytes);
  const visit = (t: Telemetry): boolean => {
    t.forget();
    compiled.run(t, 'ignore', (error) => errors.push(error.message));
    return true;
  };
  const editor = new BatchEditor();
  const out = editor.run(signal, bytes, countItems(signal, bytes), { [VISITOR_OF[context]]: visit });
  if (!bytes.equals(before)) throw new Error('the input was written to');
  if (out === null) return { entry: {}, scope: {}, items: [], errors };
  if (editor.items !== countItems(signal, out)) throw new Error(`${editor.items} items are said to be there`);
  const [entries, scopes, inner] = FIELDS[signal];
  const [entry] = decodeRequest(signal, out)[entries] as PlainMessage[];
  const [scope] = entry[scopes] as PlainMessage[];
  return { entry, scope, items: (scope[inner] ?? []) as PlainMessage[], errors };
}

/** The attributes of a message as plain values, or why the statement failed: `error: ...`. */
export function attributesOf(message: Plain | undefined, field = 'attributes'): Record<string, unknown> {
  const pairs = ((message as PlainMessage | undefined)?.[field] ?? []) as PlainMessage[];
  return Object.fromEntries(pairs.map((pair) => [String(pair['key'] ?? ''), anyValue(pair['value'])]));
}

/** An AnyValue as plain data: ints as bigint, bytes as `hex:...`, nothing as null. */
export function anyValue(value: Plain | undefined): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const [[kind, inner]] = Object.entries(value).length > 0 ? Object.entries(value) : [['', null]];
  switch (kind) {
    case 'intValue':
      return BigInt(String(inner));
    case 'doubleValue':
      return Number(inner);
    case 'bytesValue':
      return `hex:${String(inner)}`;
    case 'arrayValue':
      return (((inner as PlainMessage)['values'] ?? []) as Plain[]).map(anyValue);
    case 'kvlistValue':
      return attributesOf(inner, 'values');
    default:
      return inner;
  }
}
