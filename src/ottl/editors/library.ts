/** The editors that every component with OTTL statements has. */
import type { Editor } from '../functions/function.ts';
import { KEYS } from './keys.ts';
import { MAPS } from './maps.ts';
import { REPLACE } from './replace.ts';
import { SET } from './set.ts';

export type Editors = ReadonlyMap<string, Editor>;

const editorMap = (editors: readonly Editor[]): Editors => new Map(editors.map((editor) => [editor.name, editor]));

export const EDITORS: Editors = editorMap([...SET, ...KEYS, ...REPLACE, ...MAPS]);

/** The common ones with some more. */
export function withEditors(...more: readonly Editor[]): Editors {
  return editorMap([...EDITORS.values(), ...more]);
}
