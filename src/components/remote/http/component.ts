import { define } from '#components/kit/component.ts';
import { args, exports } from './schema.ts';

export const component = define({
  name: 'remote.http',
  stability: 'generally-available',
  summary: 'Exports what an HTTP server answers, and asks it again and again.',
  args,
  exports,
  accepts: [],
  provider: () => import('./provider.ts'),
});
