/** The functions that statements of this component have: the common ones, and its own. */
import { withEditors } from '#ottl/editors/library.ts';
import { CONVERTERS } from '#ottl/functions/library.ts';

export const EDITORS = withEditors();
export const FUNCTIONS = CONVERTERS;
