/** Targets for the files that patterns match. Facts: grafana/alloy `internal/component/local/file_match`. */
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { CreateProvider } from '#components/kit/component.ts';
import { LimitedLog } from '#components/kit/limited-log.ts';
import { Poller } from '#components/kit/watch/poller.ts';
import { MillraceError } from '#shared/errors.ts';
import { findFiles, type Budget } from './find-files.ts';
import { matchesGlob, parseGlob, type Glob } from './glob.ts';
import type { Args, Exports } from './schema.ts';

type Target = Readonly<Record<string, string>>;

/** What one search may look at and find. */
const MAX_ENTRIES = 1_000_000;
const MAX_FILES = 100_000;

interface Wanted {
  readonly target: Target;
  readonly path: readonly Glob[];
  readonly exclude: readonly Glob[];
}

export const create: CreateProvider<Args, Exports> = (args, ctx) => {
  const { wanted, problems } = read(args.path_targets);
  const log = new LimitedLog(ctx.log, ctx.clock);
  const stopping = new AbortController();
  let starting: Promise<unknown> = Promise.resolve();
  let targets: readonly Target[] = [];
  let problem: string | null = null;

  const sync = async (signal: AbortSignal): Promise<readonly Target[]> => {
    const budget: Budget = { entries: MAX_ENTRIES, files: MAX_FILES, exceeded: false };
    const oldestMs = args.ignore_older_than > 0 ? ctx.clock.now() - args.ignore_older_than : -Infinity;
    const found: Target[] = [];
    for (const one of wanted) found.push(...(await targetsOf(one, budget, oldestMs, signal)));
    if (signal.aborted) return found;
    const tooMany = `the patterns match more than ${MAX_FILES} files or lead past ${MAX_ENTRIES} entries of folders: the rest is left out`;
    const now = [...problems, ...(budget.exceeded ? [tooMany] : [])].join('; ');
    if (now !== problem) {
      ctx.health(now === '' ? 'healthy' : 'unhealthy', now === '' ? 'started component' : now);
      if (now !== '') log.event('error', 'some files cannot be found', 1, { err: now });
    }
    problem = now;
    return found;
  };
  const poller = new Poller(ctx.clock, args.sync_period, async (signal) => {
    const found = await sync(signal);
    if (signal.aborted || isDeepStrictEqual(found, targets)) return;
    targets = found;
    ctx.publish({ targets });
  });

  const begin = async (): Promise<Exports> => {
    targets = await sync(stopping.signal);
    if (stopping.signal.aborted) throw new MillraceError('stopped', 'it was stopped before it had begun');
    poller.start();
    return { targets };
  };
  return {
    start() {
      const first = begin();
      starting = first.catch(() => undefined);
      return first;
    },
    async stop() {
      stopping.abort();
      await Promise.all([starting, poller.stop()]);
      log.flush();
    },
  };
};

/** A target that cannot be used does not keep the others from being found. */
function read(targets: readonly Target[]): {
  readonly wanted: readonly Wanted[];
  readonly problems: readonly string[];
} {
  const wanted: Wanted[] = [];
  const problems: string[] = [];
  targets.forEach((target, i) => {
    const text = (key: string): string => (Object.hasOwn(target, key) ? target[key] : '');
    const path = text('__path__');
    const exclude = text('__path_exclude__');
    if (path === '') return void problems.push(`path_targets[${i}] has no __path__`);
    try {
      wanted.push({ target, path: parseGlob(path), exclude: exclude === '' ? [] : parseGlob(exclude) });
    } catch (thrown) {
      if (!(thrown instanceof MillraceError)) throw thrown;
      problems.push(`path_targets[${i}]: ${thrown.message}`);
    }
  });
  return { wanted, problems };
}

/** By path, each file once. */
async function targetsOf(
  { target, path, exclude }: Wanted,
  budget: Budget,
  oldestMs: number,
  signal: AbortSignal,
): Promise<readonly Target[]> {
  const found = new Set<string>();
  for (const glob of path) {
    for (const file of await findFiles(glob, budget, signal)) {
      if (file.changedMs >= oldestMs && !exclude.some((one) => matchesGlob(one, file.path)))
        found.add(resolve(file.path));
    }
  }
  return [...found].sort().map((file) => ({ ...target, __path__: file }));
}
