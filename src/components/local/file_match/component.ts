import { define } from '#components/kit/component.ts';
import { args, exports } from './schema.ts';

export const component = define({
  name: 'local.file_match',
  stability: 'generally-available',
  summary: 'Exports the files that match patterns, and follows their coming and going.',
  args,
  exports,
  accepts: [],
  provider: () => import('./provider.ts'),
});
