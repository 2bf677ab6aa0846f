/** Arguments of otelcol.processor.filter. */
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { checkEach, ottlCondition } from '#components/kit/blocks/ottl.ts';
import { CONTEXTS_OF, type SignalName } from '#components/kit/blocks/ottl-groups.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { attr, block, body, type BlockField, type Infer } from '#config/schema/schema.ts';
import { list, oneOf, string } from '#config/schema/types.ts';
import type { ContextName } from '#ottl/context.ts';
import { compileCondition, contextOf } from '#ottl/expression.ts';

export const ERROR_MODES = ['ignore', 'silent', 'propagate'] as const;

const conditionsBody = (signal: SignalName) =>
  body(
    {
      conditions: attr(list(string), {
        required: true,
        doc: 'OTTL conditions; what meets any of them is dropped. Without a context, each says what its paths are of: `span.name`.',
      }),
      context: attr(oneOf('', ...CONTEXTS_OF[signal]), {
        doc: `The OTTL context of the conditions: ${CONTEXTS_OF[signal].join(', ')}. Found out for each condition when not set.`,
      }),
    },
    (a, error) => {
      checkEach(
        'condition',
        a.conditions,
        (text) => void compileCondition(text, conditionContext(signal, a.context, text)),
        (message, at) => error('conditions', message, at),
      );
    },
  );
export type ConditionsArgs = Infer<ReturnType<typeof conditionsBody>>;

/** The context of one condition. Throws OttlError where it cannot be told. */
export function conditionContext(signal: SignalName, context: string | undefined, text: string): ContextName {
  if (context !== undefined && context !== '') return context as ContextName;
  return contextOf('condition', [text], CONTEXTS_OF[signal]);
}

const groups = (signal: SignalName, what: string): BlockField<readonly ConditionsArgs[]> =>
  block(conditionsBody(signal), { many: true, doc: `Conditions on ${what}.` });

const conditions = (context: ContextName, what: string) =>
  attr(list(ottlCondition(context)), { default: [], doc: `Conditions on ${what}; those that meet any are dropped.` });

export const args = body(
  {
    error_mode: attr(oneOf(...ERROR_MODES), {
      default: 'ignore',
      doc: 'What happens when a condition fails: it is logged and does not hold (`ignore`), it does not hold (`silent`), or the batch is rejected (`propagate`).',
    }),
    trace_conditions: groups('traces', 'traces'),
    metric_conditions: groups('metrics', 'metrics'),
    log_conditions: groups('logs', 'logs'),
    traces: block(body({ span: conditions('span', 'spans'), spanevent: conditions('spanevent', 'span events') }), {
      doc: 'Conditions on traces; `trace_conditions` is the newer way.',
    }),
    metrics: block(
      body({ metric: conditions('metric', 'metrics'), datapoint: conditions('datapoint', 'data points') }),
      { doc: 'Conditions on metrics; `metric_conditions` is the newer way.' },
    ),
    logs: block(body({ log_record: conditions('log', 'log records') }), {
      doc: 'Conditions on logs; `log_conditions` is the newer way.',
    }),
    output: outputBlock,
    debug_metrics: debugMetricsBlock,
  },
  (a, error) => {
    const both = (
      newer: 'trace_conditions' | 'metric_conditions' | 'log_conditions',
      older: boolean,
      name: string,
    ): void => {
      if (a[newer].length > 0 && older) error(newer, `${newer} cannot be used together with the block ${name}`);
    };
    both('trace_conditions', a.traces.span.length + a.traces.spanevent.length > 0, 'traces');
    both('metric_conditions', a.metrics.metric.length + a.metrics.datapoint.length > 0, 'metrics');
    both('log_conditions', a.logs.log_record.length > 0, 'logs');
  },
);
export type Args = Infer<typeof args>;
