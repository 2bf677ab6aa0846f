/** otelcol.processor.filter in a worker. */
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import type { Edits, Visitor } from '#components/kit/edit/batch-editor.ts';
import { expressionErrors } from '#components/kit/edit/expression-errors.ts';
import { editingPart, type Editing, type EditingTools } from '#components/kit/edit/processor.ts';
import { VISITOR_OF } from '#components/kit/edit/visitors.ts';
import type { ContextName } from '#ottl/context.ts';
import { compileConditions, type Conditions } from '#ottl/expression.ts';
import type { SignalName } from '#shared/signal.ts';
import { filteredCounters } from './instruments.ts';
import { conditionContext, type Args, type ConditionsArgs } from './schema.ts';

type Edited = { -readonly [K in keyof Edits]: Edits[K] };
type Texts = Partial<Record<ContextName, readonly string[]>>;

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return editingPart('filter', editing, args, ctx);
}

function editing(args: Args, tools: EditingTools): Editing {
  const errors = expressionErrors(args.error_mode, tools, 'condition failed');
  const filtered = filteredCounters(tools);
  const visitor =
    (conditions: Conditions): Visitor =>
    (t) =>
      !conditions.holds(t, args.error_mode, errors.onError);
  const runOf = (texts: Texts): Edits => {
    const edits: Edited = {};
    for (const [context, list] of Object.entries(texts) as [ContextName, readonly string[]][])
      if (list.length > 0) edits[VISITOR_OF[context]] = visitor(compileConditions(list, context));
    return edits;
  };
  const { traces, metrics, logs } = args;
  const runs = (signal: SignalName, older: Texts, newer: readonly ConditionsArgs[]): Edits[] =>
    [older, ...groupsOf(signal, newer)].map(runOf).filter((edits) => Object.keys(edits).length > 0);
  return {
    runs: [
      runs('traces', traces, args.trace_conditions),
      runs('metrics', metrics, args.metric_conditions),
      runs('logs', { log: logs.log_record }, args.log_conditions),
    ],
    done: (signal, dropped) => filtered[signal].add(dropped),
    failed: errors.failed,
  };
}

/**
 * One run for each group: its conditions by context. Conditions on what is outside are asked first, so a run drops what a run for each
 * condition would.
 */
function groupsOf(signal: SignalName, groups: readonly ConditionsArgs[]): Texts[] {
  return groups.map(({ context, conditions }) => {
    const texts: Partial<Record<ContextName, string[]>> = {};
    for (const text of conditions) (texts[conditionContext(signal, context, text)] ??= []).push(text);
    return texts;
  });
}
