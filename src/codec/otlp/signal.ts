/**
 * The three signals as this folder's index. The same numbers as `#shared/signal.ts`, which the codec may not import (it stands
 * alone); a test holds the two together.
 */
export type Signal = 0 | 1 | 2;

export const TRACES = 0;
export const METRICS = 1;
export const LOGS = 2;
