/** The `import.*` blocks by name. */
import type { ImportBlock } from './import-block.ts';
import { importString } from './import-string.ts';

const ALL: readonly ImportBlock[] = [importString];

export const IMPORT_BLOCKS: ReadonlyMap<string, ImportBlock> = new Map(ALL.map((block) => [block.name, block]));
