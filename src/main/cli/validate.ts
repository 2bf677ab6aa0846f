/** `millrace validate`: everything that is wrong with a configuration, without running it. */
import type { Component } from '#components/kit/component.ts';
import { processEnvironment } from '#config/eval/environment.ts';
import { load } from '../graph/load.ts';
import { moduleFolder, readSources } from '../graph/source.ts';
import { EXIT, type Host } from './host.ts';
import { diagnosticsText } from './report.ts';
import type { ConfigSettings } from './settings.ts';

/** Rejects with a MillraceError when the path cannot be read. */
export async function validate(
  path: string,
  { stability }: ConfigSettings,
  made: { readonly components: ReadonlyMap<string, Component>; readonly version: string },
  { stdout, stderr, clock }: Host,
): Promise<number> {
  const loaded = await load(await readSources(path), {
    components: made.components,
    stability,
    environment: processEnvironment(made.version),
    clock,
    path: moduleFolder(path),
  });
  stderr(diagnosticsText(loaded));
  if (loaded.graph === null) {
    stderr('Error: validation failed\n');
    return EXIT.failed;
  }
  stdout(`${path} is valid\n`);
  return EXIT.ok;
}
