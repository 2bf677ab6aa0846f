/** What becomes of expressions of a processor that fail on the data: counted, and logged where the error mode says so. */
import type { EvaluationError } from '#ottl/error.ts';
import type { ErrorMode, OnError } from '#ottl/expression.ts';
import type { EditingTools } from './processor.ts';

export interface ExpressionErrors {
  /** One failed on one item, and the rest goes on. */
  readonly onError: OnError;
  /** One failed, and a batch with so many items is rejected. */
  readonly failed: (error: EvaluationError, items: number) => void;
}

export function expressionErrors(mode: ErrorMode, { log, meter }: EditingTools, message: string): ExpressionErrors {
  const counter = meter.counter({
    name: 'millrace_component_expression_errors_total',
    help: 'Evaluations of OTTL expressions that failed on the data.',
  });
  return {
    onError: (error) => {
      counter.add(1);
      if (mode !== 'silent') log.event('warn', message, 1, { expression: error.expression, error: error.message });
    },
    failed: (error, items) => {
      counter.add(1);
      log.event('error', `${message}, and its batch is rejected`, items, {
        expression: error.expression,
        error: error.message,
      });
    },
  };
}
