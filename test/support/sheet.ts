/**
 * The sheet of Alloy's components (arguments, blocks, types, defaults), read in place from the shared specification beside
 * the checkout. Null where it is absent; tests then skip and say so.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PATH = join(import.meta.dirname, '../../../shared/spec/components.json');

export interface SheetArgument {
  readonly name: string;
  readonly type: string;
  readonly default: unknown;
  readonly required: boolean;
  readonly code_required?: boolean;
  readonly in_code?: boolean;
  readonly values?: readonly string[];
  readonly deprecated?: boolean;
}

export interface SheetBlock {
  /** Outermost first, `grpc > keepalive`. */
  readonly path: string;
  readonly required: boolean;
  readonly repeatable: boolean;
  readonly code_required?: boolean;
  readonly in_code?: boolean;
  readonly arguments?: readonly SheetArgument[];
}

export interface SheetComponent {
  readonly stability: string;
  readonly accepts?: readonly string[];
  readonly arguments?: readonly SheetArgument[];
  readonly blocks?: readonly SheetBlock[];
  /** What expressions see, `input` included. */
  readonly exports?: readonly { readonly name: string; readonly type: string }[];
}

export interface SheetFunction {
  readonly name: string;
  readonly kind?: 'constant';
  readonly aliases?: readonly string[];
  readonly stability?: string;
}

export interface Sheet {
  readonly stdlib: readonly SheetFunction[];
  readonly components: Readonly<Record<string, SheetComponent>>;
  /** `import.file` and the like. */
  readonly config_blocks: Readonly<Record<string, SheetComponent>>;
}

export const sheet: Sheet | null = existsSync(PATH) ? (JSON.parse(readFileSync(PATH, 'utf8')) as Sheet) : null;
export const SHEET_SKIP = sheet === null ? `the component sheet is not beside the checkout (${PATH})` : false;
