/** The configuration that a command was given, whatever its language. */
import type { Component } from '#components/kit/component.ts';
import { processEnvironment } from '#config/eval/environment.ts';
import { MillraceError } from '#shared/errors.ts';
import { load, type LoadResult } from '../graph/load.ts';
import { readSources, type Source } from '../graph/source.ts';
import type { Host } from './host.ts';
import type { ConfigSettings } from './settings.ts';

/**
 * Reads `path`, a file or a folder, as sources in Alloy syntax. `format`: `--config.format`. Rejects with a MillraceError
 * when the path cannot be read, or the language is one that is not offered.
 */
export async function readConfiguration(path: string, format: string): Promise<readonly Source[]> {
  if (format !== 'alloy')
    throw new MillraceError(
      'config_format',
      `--config.format=${format} is not available yet in this version: write the configuration in Alloy syntax`,
    );
  return readSources(path);
}

/** Reads and evaluates a configuration that shall not run. Rejects as {@link readConfiguration}. */
export async function loadConfiguration(
  path: string,
  { format, stability }: ConfigSettings,
  made: { readonly components: ReadonlyMap<string, Component>; readonly version: string },
  { clock }: Pick<Host, 'clock'>,
): Promise<LoadResult> {
  return load(await readConfiguration(path, format), {
    components: made.components,
    stability,
    environment: processEnvironment(made.version),
    nowMs: () => clock.monotonicMs(),
  });
}
