/**
 * What tells an item of a foreach from others, as part of an id. Texts and numbers give what Alloy gives; of other values
 * Alloy hashes what Go prints of them, and here it is what stands in the configuration.
 * Facts: grafana/alloy v1.18 `internal/runtime/internal/controller/node_config_foreach.go`.
 */
import { createHash } from 'node:crypto';
import { printValue } from '#config/eval/print.ts';
import type { Value } from '#config/eval/value.ts';

/** `hashed`: texts give a hash instead of themselves. */
export function fingerprint(value: Value, hashed: boolean): string {
  switch (typeof value) {
    case 'string':
      return hashed ? sha256(value) : word(value);
    case 'bigint':
    case 'boolean':
      return word(String(value));
    case 'number':
      return word(value.toFixed(6));
    default:
      return sha256(printValue(value));
  }
}

const word = (text: string): string => text.replaceAll(/[^\p{L}\p{Nd}]/gu, '_');

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
