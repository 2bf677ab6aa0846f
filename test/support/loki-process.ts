/** A `loki.process` for tests: stages as a configuration writes them, lines in and out. */
import { create } from '#components/loki/process/worker.ts';
import { args as schema } from '#components/loki/process/schema.ts';
import { decodeArgs } from './decode-args.ts';
import { linesBatch, linesIn, type TestLine } from './loki.ts';
import { workerContext, type TestWorkerContext } from './worker-context.ts';

export interface Processor {
  readonly ctx: TestWorkerContext;
  /** What comes out when these go in. */
  readonly run: (lines: readonly TestLine[]) => TestLine[];
  readonly update: (stages: string) => void;
}

export function processor(stages: string): Processor {
  const ctx = workerContext('loki.process.test');
  const argsOf = (text: string): never => {
    const { args, problems } = decodeArgs(schema, `forward_to = []\n${text}`);
    if (problems.length > 0) throw new Error(problems.join('\n'));
    return args as never;
  };
  const part = create(argsOf(stages), ctx);
  void part.start();
  return {
    ctx,
    run: (lines) => {
      const before = ctx.next.loki.taken.length;
      void part.input?.consume(linesBatch(lines));
      return ctx.next.loki.taken.slice(before).flatMap(({ bytes }) => linesIn(bytes));
    },
    update: (text) => void part.update(argsOf(text)),
  };
}

/** What is said about stages that are wrong. */
export const problemsOf = (stages: string): readonly string[] =>
  decodeArgs(schema, `forward_to = []\n${stages}`).problems;
