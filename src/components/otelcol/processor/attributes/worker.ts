/** otelcol.processor.attributes in a worker. */
import { LOG_RECORD, SPAN } from '#codec/otlp/fields.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import type { Edits } from '#components/kit/edit/batch-editor.ts';
import { editingPart, type Editing } from '#components/kit/edit/processor.ts';
import { ItemMatch } from '#components/kit/match/item-match.ts';
import { pointAttributes } from '#ottl/paths/metric.ts';
import { LOGS, METRICS, TRACES, type Signal } from '#shared/signal.ts';
import { compileActions, type Actions } from './actions.ts';
import { ContextValues } from './context-values.ts';
import type { Args } from './schema.ts';

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return editingPart('attributes', editingOf, args, ctx);
}

export function editingOf(args: Args): Editing {
  const context = new ContextValues();
  const actionsFor = (field: number): Actions => compileActions(args.action, field, context);
  const runs = (signal: Signal, edits: (match: ItemMatch) => Edits): readonly Edits[] => {
    if (args.action.length === 0) return [];
    const match = new ItemMatch(args.include, args.exclude, signal);
    return [{ ...(match.looksAround && { resource: match.resource, scope: match.scope }), ...edits(match) }];
  };
  return {
    runs: [
      runs(TRACES, (match) => spanEdits(match, actionsFor(SPAN.attributes))),
      runs(METRICS, (match) => pointEdits(match, actionsFor)),
      runs(LOGS, (match) => logEdits(match, actionsFor(LOG_RECORD.attributes))),
    ],
    begin: ({ metadata }) => context.turnTo(metadata),
  };
}

function spanEdits(match: ItemMatch, actions: Actions): Edits {
  if (match.passesAll) return { span: (t) => actions.apply(t.span) };
  return { span: (t) => !match.passes(t) || actions.apply(t.span) };
}

function logEdits(match: ItemMatch, actions: Actions): Edits {
  if (match.passesAll) return { log: (t) => actions.apply(t.log) };
  return { log: (t) => !match.passes(t) || actions.apply(t.log) };
}

/** The field of attributes differs between kinds of points. */
function pointEdits(match: ItemMatch, actionsFor: (field: number) => Actions): Edits {
  const byField: (Actions | undefined)[] = [];
  const actionsOf = (field: number): Actions => (byField[field] ??= actionsFor(field));
  if (match.passesAll) return { point: (t) => actionsOf(pointAttributes(t)).apply(t.point) };
  let passes = false;
  return {
    metric: (t) => {
      passes = match.passes(t);
      return true;
    },
    point: (t) => !passes || actionsOf(pointAttributes(t)).apply(t.point),
  };
}
