/** otelcol.processor.transform in a worker: each group of statements is one run over the batch. */
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import type { Edits } from '#components/kit/edit/batch-editor.ts';
import { expressionErrors } from '#components/kit/edit/expression-errors.ts';
import { editingPart, type Editing, type EditingTools } from '#components/kit/edit/processor.ts';
import { VISITOR_OF } from '#components/kit/edit/visitors.ts';
import type { ContextName } from '#ottl/context.ts';
import { compileConditions, compileStatements, type ErrorMode } from '#ottl/expression.ts';
import type { SignalName } from '#shared/signal.ts';
import type { Telemetry } from '#ottl/telemetry.ts';
import { EDITORS, FUNCTIONS } from './functions.ts';
import { statementContext, type Args, type GroupArgs } from './schema.ts';

interface Group {
  readonly context: ContextName;
  readonly statements: readonly string[];
  readonly conditions: readonly string[];
  readonly mode: ErrorMode;
}

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return editingPart('transform', editing, args, ctx);
}

function editing(args: Args, tools: EditingTools): Editing {
  const { error_mode: mode, statements } = args;
  const groups = (signal: SignalName, written: readonly GroupArgs[], flat: readonly string[]): Group[] => [
    ...written.map((group): Group => ({
      context: group.context,
      statements: group.statements,
      conditions: group.conditions ?? [],
      mode: group.error_mode ?? mode,
    })),
    ...flatGroups(signal, flat, mode),
  ];
  const runs = (list: readonly Group[]): Edits[] => list.map((group) => runOf(group, tools));
  return {
    runs: [
      runs(groups('traces', args.trace_statements, statements.trace)),
      runs(groups('metrics', args.metric_statements, statements.metric)),
      runs(groups('logs', args.log_statements, statements.log)),
    ],
    failed: expressionErrors(mode, tools, 'statement failed').failed,
  };
}

/** Statements that follow each other in one context are one run: they share the cache of an item. */
function flatGroups(signal: SignalName, texts: readonly string[], mode: ErrorMode): Group[] {
  const groups: { context: ContextName; statements: string[]; conditions: string[]; mode: ErrorMode }[] = [];
  for (const text of texts) {
    const context = statementContext(signal, text);
    const last = groups.at(-1);
    if (last?.context === context) last.statements.push(text);
    else groups.push({ context, statements: [text], conditions: [], mode });
  }
  return groups;
}

function runOf({ context, statements, conditions, mode }: Group, tools: EditingTools): Edits {
  const { onError } = expressionErrors(mode, tools, 'statement failed');
  const asked = compileConditions(conditions, context, FUNCTIONS);
  const compiled = compileStatements(statements, context, FUNCTIONS, EDITORS);
  return {
    [VISITOR_OF[context]]: (t: Telemetry) => {
      t.forget();
      if (asked.holds(t, mode, onError)) compiled.run(t, mode, onError);
      return true;
    },
  };
}
