/** The `import.*` blocks by name. */
import type { ImportBlock } from './import-block.ts';
import { importFile } from './import-file.ts';
import { importGit } from './import-git.ts';
import { importHttp } from './import-http.ts';
import { importString } from './import-string.ts';

const ALL: readonly ImportBlock[] = [importFile, importGit, importHttp, importString];

export const IMPORT_BLOCKS: ReadonlyMap<string, ImportBlock> = new Map(ALL.map((block) => [block.name, block]));
