/** otelcol.processor.probabilistic_sampler in a worker. */
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { editingPart } from '#components/kit/edit/processor.ts';
import { Decisions } from './decisions.ts';
import { Sampler } from './sampler.ts';
import type { Args } from './schema.ts';

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return editingPart(
    'probabilistic_sampler',
    (a, { log, meter }) => {
      const { span, log: record } = new Sampler(
        a,
        new Decisions(meter, log, 'traces', a.from_attribute),
        new Decisions(meter, log, 'logs', a.from_attribute),
      );
      // By signal.
      return { runs: [[{ span }], [], [{ log: record }]] };
    },
    args,
    ctx,
  );
}
