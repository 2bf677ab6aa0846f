/** Stages one behind the other, in the order of writing. */
import { lineSelector } from '../logql.ts';
import type { MatchArgs, Step } from '../schema.ts';
import { dropStage } from './drop.ts';
import type { Stage, StageContext } from './entry.ts';
import {
  labelDropStage,
  labelKeepStage,
  labelsStage,
  metadataDropStage,
  metadataStage,
  staticLabelsStage,
  tenantStage,
} from './labels.ts';
import { decolorizeStage, outputStage, replaceStage, templateStage } from './line.ts';
import { jsonStage, logfmtStage, regexStage } from './parse.ts';
import { timestampStage } from './timestamp.ts';

type Make = (args: never, ctx: StageContext) => Stage;

/** By name of the block. The schema lets nothing else through. */
const MAKE: Readonly<Record<string, Make>> = {
  'stage.decolorize': decolorizeStage,
  'stage.drop': dropStage,
  'stage.json': jsonStage,
  'stage.label_drop': labelDropStage,
  'stage.label_keep': labelKeepStage,
  'stage.labels': labelsStage,
  'stage.logfmt': logfmtStage,
  'stage.match': matchStage,
  'stage.output': outputStage,
  'stage.regex': regexStage,
  'stage.replace': replaceStage,
  'stage.static_labels': staticLabelsStage,
  'stage.structured_metadata': metadataStage,
  'stage.structured_metadata_drop': metadataDropStage,
  'stage.template': templateStage,
  'stage.tenant': tenantStage,
  'stage.timestamp': timestampStage,
};

/** The stages in a decoded body. Not the schema's own function: a worker loads no schemas. */
export const stepsOf = (args: object): readonly Step[] => (args as { readonly steps: readonly Step[] }).steps;

/** One stage of all of them: it ends with the first that drops the line. */
export function pipeline(steps: readonly Step[], ctx: StageContext): Stage {
  const stages = steps.map(({ name, args }) => MAKE[name](args as never, ctx));
  return (entry) => stages.every((stage) => stage(entry));
}

function matchStage(args: MatchArgs, ctx: StageContext): Stage {
  const selector = lineSelector(args.selector);
  const inner = pipeline(stepsOf(args), ctx);
  const count = ctx.dropped(args.drop_counter_reason === '' ? 'match_stage' : args.drop_counter_reason);
  return (entry) => {
    if (!selector.matches(entry.labels, entry.line)) return true;
    if (args.action === 'keep') return inner(entry);
    count.add(1);
    return false;
  };
}
