import { define } from '#components/kit/component.ts';
import { args, exports } from './schema.ts';

export const component = define({
  name: 'local.file',
  stability: 'generally-available',
  summary: 'Exports the content of a file and watches it for changes.',
  args,
  accepts: [],
  exports,
  provider: () => import('./provider.ts'),
});
