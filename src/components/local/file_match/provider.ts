/** local.file_match: looks for files, again and again. */
import { glob, stat } from 'node:fs/promises';
import type { Provider, ProviderContext } from '#components/kit/component.ts';
import { PollingProvider } from '#components/kit/watch/polling-provider.ts';
import type { Clock } from '#shared/clock.ts';
import { MillraceError } from '#shared/errors.ts';
import type { Args, Exports } from './schema.ts';

/** More files than that are a pattern that was not meant. */
const MAX_TARGETS = 100_000;

export function create(args: Args, ctx: ProviderContext<Exports>): Provider<Exports> {
  return new PollingProvider(ctx, {
    everyMs: args.sync_period,
    read: async (signal) => ({ targets: await find(args, ctx.clock, signal) }),
  });
}

async function find(
  { path_targets, ignore_older_than }: Args,
  clock: Clock,
  signal: AbortSignal,
): Promise<Exports['targets']> {
  const found: Readonly<Record<string, string>>[] = [];
  for (const target of path_targets) {
    const { __path__: pattern = '', __path_exclude__: excluded, ...labels } = target;
    const paths: string[] = [];
    const exclude = excluded === undefined || excluded === '' ? [] : [excluded];
    for await (const path of glob(pattern, { exclude })) {
      if (signal.aborted) return [];
      if (!(await isWanted(path, ignore_older_than, clock))) continue;
      paths.push(path);
      if (found.length + paths.length > MAX_TARGETS)
        throw new MillraceError('file_match', `${pattern} matches more than ${MAX_TARGETS} files`);
    }
    for (const path of paths.sort()) found.push({ ...labels, __path__: path });
  }
  return found;
}

async function isWanted(path: string, ignoreOlderMs: number, clock: Clock): Promise<boolean> {
  try {
    const facts = await stat(path);
    return facts.isFile() && (ignoreOlderMs === 0 || clock.now() - facts.mtimeMs <= ignoreOlderMs);
  } catch {
    // It has gone since it was found.
    return false;
  }
}
