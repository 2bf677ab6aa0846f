/** The configuration blocks that exist once, and what they say together. */
import type { Infer } from '#config/schema/schema.ts';
import type { ConfigBlock } from './config-block.ts';
import { http } from './http.ts';
import { livedebugging } from './livedebugging.ts';
import { logging } from './logging.ts';
import { tracing } from './tracing.ts';

const BLOCKS = { http, livedebugging, logging, tracing };

/** The decoded arguments of each block; its defaults when it is absent. */
export type Settings = { readonly [K in keyof typeof BLOCKS]: Infer<(typeof BLOCKS)[K]['args']> };
export type SettingName = keyof Settings;

/** By name. */
export const SETTING_BLOCKS: ReadonlyMap<string, ConfigBlock> = new Map<string, ConfigBlock>(Object.entries(BLOCKS));

/** What of this an operator should know: settings that are accepted and do nothing. */
export function remarksOn(settings: Settings): readonly string[] {
  return [...SETTING_BLOCKS].flatMap(([name, block]) => block.remarks?.(settings[name as SettingName]) ?? []);
}
