import type { Reshape } from '#components/kit/component.ts';

/** The Collector refuses a receiver without protocols; in Alloy it is one that does nothing. */
export const reshape: Reshape = (config, { refuse }) => {
  const protocols = config.entries.get('protocols');
  const { value, keyAt } = protocols ?? { value: config, keyAt: config.at };
  const hasSome = protocols !== undefined && value.kind === 'map' && value.entries.size > 0;
  const isUnread = value.kind === 'scalar' && value.value !== null;
  if (!hasSome && !isUnread) refuse('must specify at least one protocol when using the OTLP receiver', keyAt);
  return config;
};
