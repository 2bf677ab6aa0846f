/** Arguments of otelcol.processor.transform. */
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { checkEach } from '#components/kit/blocks/ottl.ts';
import { CONTEXTS_OF, type SignalName } from '#components/kit/blocks/ottl-groups.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { attr, block, body, type BlockField, type Infer } from '#config/schema/schema.ts';
import { list, oneOf, string } from '#config/schema/types.ts';
import { compileCondition, compileStatement, contextOf } from '#ottl/expression.ts';
import type { ContextName } from '#ottl/context.ts';
import { EDITORS, FUNCTIONS } from './functions.ts';

const MODES = ['ignore', 'silent', 'propagate'] as const;

const groupBody = (signal: SignalName) =>
  body(
    {
      context: attr(oneOf(...CONTEXTS_OF[signal]), {
        required: true,
        doc: `The OTTL context of the statements: ${CONTEXTS_OF[signal].join(', ')}.`,
      }),
      statements: attr(list(string), { required: true, doc: 'OTTL statements, in order.' }),
      conditions: attr(list(string), {
        doc: 'OTTL conditions; the statements are for what meets any of them. Without any, for all.',
      }),
      error_mode: attr(oneOf(...MODES), { doc: 'As `error_mode` of the component, for these statements.' }),
    },
    (a, error) => {
      const context = a.context;
      checkEach(
        'condition',
        a.conditions ?? [],
        (text) => void compileCondition(text, context, FUNCTIONS),
        (message, at) => error('conditions', message, at),
      );
      checkEach(
        'statement',
        a.statements,
        (text) => void compileStatement(text, context, FUNCTIONS, EDITORS),
        (message, at) => error('statements', message, at),
      );
    },
  );
export type GroupArgs = Infer<ReturnType<typeof groupBody>>;

const groups = (signal: SignalName, what: string): BlockField<readonly GroupArgs[]> =>
  block(groupBody(signal), { many: true, doc: `Statements that transform ${what}.` });

/** The context of one statement whose paths say what they are of. Throws OttlError where it cannot be told. */
export function statementContext(signal: SignalName, text: string): ContextName {
  return contextOf('statement', [text], CONTEXTS_OF[signal], FUNCTIONS, EDITORS);
}

const flat = (what: string) =>
  attr(list(string), {
    default: [],
    doc: `OTTL statements that transform ${what}; each says what its paths are of: \`span.name\`.`,
  });

const statementsBody = body({ trace: flat('traces'), metric: flat('metrics'), log: flat('logs') }, (a, error) => {
  for (const [key, signal] of [
    ['trace', 'traces'],
    ['metric', 'metrics'],
    ['log', 'logs'],
  ] as const)
    checkEach(
      'statement',
      a[key],
      (text) => void compileStatement(text, statementContext(signal, text), FUNCTIONS, EDITORS),
      (message, at) => error(key, message, at),
    );
});

export const args = body({
  error_mode: attr(oneOf(...MODES), {
    default: 'ignore',
    doc: 'What happens when a statement fails: it is logged and passed over (`ignore`), passed over (`silent`), or the batch is rejected (`propagate`).',
  }),
  trace_statements: groups('traces', 'traces'),
  metric_statements: groups('metrics', 'metrics'),
  log_statements: groups('logs', 'logs'),
  statements: block(statementsBody, { doc: 'Statements without groups; they come after those of the groups.' }),
  output: outputBlock,
  debug_metrics: debugMetricsBlock,
});
export type Args = Infer<typeof args>;
