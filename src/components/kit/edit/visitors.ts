/** Which visitor of a {@link BatchEditor} an OTTL context is. */
import type { ContextName } from '#ottl/context.ts';
import type { Edits } from './batch-editor.ts';

export const VISITOR_OF: Readonly<Record<ContextName, keyof Edits>> = {
  resource: 'resource',
  scope: 'scope',
  span: 'span',
  spanevent: 'spanEvent',
  metric: 'metric',
  datapoint: 'point',
  log: 'log',
};
