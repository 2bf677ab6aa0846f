import { define } from '#components/kit/component.ts';
import { args, exports } from './schema.ts';

export const component = define({
  name: 'local.file_match',
  stability: 'generally-available',
  summary: 'Finds files by patterns and exports them as targets.',
  args,
  accepts: [],
  exports,
  provider: () => import('./provider.ts'),
});
