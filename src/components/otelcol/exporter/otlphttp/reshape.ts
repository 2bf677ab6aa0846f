import type { Reshape } from '#components/kit/component.ts';

/** In the Collector `cookies` is on when it is there; in Alloy it is switched on inside. */
export const reshape: Reshape = (config) => {
  const cookies = config.entries.get('cookies');
  if (cookies?.value.kind !== 'map' || cookies.value.entries.has('enabled')) return config;
  const { value: map, keyAt } = cookies;
  const on = { key: 'enabled', keyAt, value: { kind: 'scalar', value: true, text: 'true', at: keyAt } } as const;
  const switched = { ...cookies, value: { ...map, entries: new Map([...map.entries, ['enabled', on]]) } };
  return { ...config, entries: new Map([...config.entries, ['cookies', switched]]) };
};
