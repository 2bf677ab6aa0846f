/** `import.file`: the module is a file, or the `.alloy` files of a folder. Facts: grafana/alloy `importsource/import_file.go`. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkFileWatch, fileWatchArguments } from '#components/kit/blocks/file-watch.ts';
import { FolderWatch } from '#components/kit/watch/folder-watch.ts';
import { placesOf, type Place } from '#components/kit/watch/places.ts';
import { polled, SETTLE_MS } from '#components/kit/watch/polled.ts';
import { attr, body } from '#config/schema/schema.ts';
import { string } from '#config/schema/types.ts';
import { importBlock } from './import-block.ts';
import { readModule, sameModule } from './module-files.ts';

export const importFile = importBlock({
  name: 'import.file',
  stability: 'generally-available',
  summary: 'Imports custom components from a file or a folder.',
  args: body(
    {
      filename: attr(string, { required: true, doc: 'Path of the file or folder.' }),
      ...fileWatchArguments,
    },
    checkFileWatch,
  ),
  local: true,
  create: ({ filename, detector, poll_frequency: everyMs }, ctx) =>
    polled(
      {
        everyMs,
        settleMs: SETTLE_MS,
        wellText: 'read file',
        failedText: 'failed to read the imported module',
        async look() {
          const { sources, isFolder } = await readModule(filename, (file) =>
            file === '' ? filename : join(filename, file),
          );
          return { sources, path: isFolder ? filename : dirname(filename) };
        },
        same: sameModule,
        ...(detector === 'poll'
          ? {}
          : { watch: (changed) => new FolderWatch(() => places(filename), changed, ctx.log) }),
      },
      ctx,
    ),
});

/** Of a folder also its modules, and the links by which Kubernetes swaps them (`..data`). */
async function places(path: string): Promise<readonly Place[]> {
  const way = await placesOf(path);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return way;
  const names = await readdir(path).catch(() => []);
  const files = await Promise.all(
    names
      .filter(isModuleFile)
      .slice(0, MAX_LINKED)
      .map((name) => placesOf(join(path, name))),
  );
  return [...way, { folder: path, concerns: isModuleFile }, ...files.flat()];
}

/** Files of a folder whose links are followed to see where else changes come from. */
const MAX_LINKED = 100;
const isModuleFile = (name: string): boolean => name.endsWith('.alloy');
