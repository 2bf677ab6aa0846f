import { define } from '#components/kit/component.ts';
import { args, exports } from './schema.ts';

export const component = define({
  name: 'remote.http',
  stability: 'generally-available',
  summary: 'Exports what lies behind a URL and polls it for changes.',
  args,
  accepts: [],
  exports,
  provider: () => import('./provider.ts'),
});
