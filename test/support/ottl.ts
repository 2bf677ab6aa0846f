/** Expressions of OTTL held against one item, for tests. */
import { BatchEditor, type Edits } from '#components/kit/edit/batch-editor.ts';
import type { ContextName } from '#ottl/context.ts';
import { EvaluationError } from '#ottl/error.ts';
import { compileCondition, compileValue } from '#ottl/expression.ts';
import { CONVERTERS, type Functions } from '#ottl/functions/library.ts';
import type { Telemetry } from '#ottl/telemetry.ts';
import type { Value } from '#ottl/value.ts';
import { LOGS, METRICS, TRACES, type Signal } from '#shared/signal.ts';
import { encodeRequest } from './otlp-proto.ts';

type Fields = Readonly<Record<string, unknown>>;

export const text = (key: string, value: string): Fields => ({ key, value: { stringValue: value } });
export const int = (key: string, value: number | string): Fields => ({ key, value: { intValue: value } });
export const double = (key: string, value: number): Fields => ({ key, value: { doubleValue: value } });
export const flag = (key: string, value: boolean): Fields => ({ key, value: { boolValue: value } });
export const bytes = (key: string, value: Uint8Array): Fields => ({ key, value: { bytesValue: value } });
export const listOf = (key: string, ...values: Fields[]): Fields => ({ key, value: { arrayValue: { values } } });
export const mapOf = (key: string, ...values: Fields[]): Fields => ({ key, value: { kvlistValue: { values } } });

export const RESOURCE: Fields = {
  attributes: [text('service.name', 'shop'), int('process.pid', 42)],
  droppedAttributesCount: 3,
};
export const SCOPE: Fields = { name: 'library', version: '1.2', attributes: [text('scope.kind', 'http')] };

const FIELDS = [
  ['resourceSpans', 'scopeSpans', 'spans'],
  ['resourceMetrics', 'scopeMetrics', 'metrics'],
  ['resourceLogs', 'scopeLogs', 'logRecords'],
] as const;

/** A request with these items in one resource and scope. */
export function requestOf(signal: Signal, items: readonly Fields[], resource: Fields = RESOURCE): Buffer {
  const [entries, scopes, inner] = FIELDS[signal];
  return encodeRequest(signal, {
    [entries]: [
      {
        resource,
        schemaUrl: 'https://resource',
        [scopes]: [{ scope: SCOPE, schemaUrl: 'https://scope', [inner]: items }],
      },
    ],
  });
}

const KINDS: Readonly<Record<ContextName, readonly [Signal, keyof Edits]>> = {
  resource: [TRACES, 'span'],
  scope: [TRACES, 'span'],
  span: [TRACES, 'span'],
  spanevent: [TRACES, 'spanEvent'],
  metric: [METRICS, 'metric'],
  datapoint: [METRICS, 'point'],
  log: [LOGS, 'log'],
};

/** What `get` gives for each item of the context in this span, metric or log record. */
function onEach<T>(context: ContextName, item: Fields, get: (t: Telemetry) => T): T[] {
  const [signal, kind] = KINDS[context];
  const editor = new BatchEditor();
  editor.t.nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);
  const found: T[] = [];
  editor.run(signal, requestOf(signal, [item]), 1, { [kind]: (t: Telemetry) => found.push(get(t)) > 0 });
  return found;
}

/** The values of an expression; of one that fails what it says, as `error: ...`. */
export function valuesOf(
  context: ContextName,
  item: Fields,
  expression: string,
  functions: Functions = CONVERTERS,
): (Value | string)[] {
  const { get } = compileValue(expression, context, functions);
  return onEach(context, item, (t) => orError(() => get(t)));
}

/** Of the first item. */
export const valueIn = (context: ContextName, item: Fields, expression: string): Value | string =>
  valuesOf(context, item, expression)[0];

/** A constant expression. */
export const valueOf = (expression: string): Value | string => valueIn('span', {}, expression);

export function holdsIn(context: ContextName, item: Fields, condition: string): boolean | string {
  const get = compileCondition(condition, context);
  return onEach<boolean | string>(context, item, (t) => orError(() => get(t)))[0];
}

function orError<T>(run: () => T): T | string {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof EvaluationError) return `error: ${thrown.message}`;
    throw thrown;
  }
}
