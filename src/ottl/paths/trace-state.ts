/** One member of a W3C trace state, `key=value,other=value` (W3C Trace Context 3.3). */
import type { Message } from '#codec/otlp/message.ts';
import { fail } from '../error.ts';
import type { Telemetry } from '../telemetry.ts';
import { typeName, type Value } from '../value.ts';
import type { PathEntry } from './entry.ts';
import { putText, textIn } from './write.ts';

/** The members in order; null: it is malformed. */
function members(state: string): { readonly key: string; readonly value: string }[] | null {
  const found: { key: string; value: string }[] = [];
  for (const member of state.split(',')) {
    const trimmed = member.trim();
    if (trimmed === '') continue;
    const equals = trimmed.indexOf('=');
    if (equals < 1) return null;
    found.push({ key: trimmed.slice(0, equals), value: trimmed.slice(equals + 1) });
  }
  return found;
}

/** Reading: '' if there is no such member, nil if the state is malformed. Setting: the member comes first, as the specification asks. */
export function traceStateMember(of: (t: Telemetry) => Message, field: number): NonNullable<PathEntry['key']> {
  return {
    read: (t, key) => {
      const name = keyIn(key);
      const all = members(of(t).string(field));
      return all === null ? null : (all.find((member) => member.key === name)?.value ?? '');
    },
    write: (t, key, value) => {
      const name = keyIn(key);
      const text = textIn(value);
      if (/[,=]|^$/.test(name) || /[,=]/.test(text))
        fail('a member of a trace state has no comma and no equals sign in it');
      const others = (members(of(t).string(field)) ?? []).filter((member) => member.key !== name);
      putText(of(t), field, [{ key: name, value: text }, ...others].map((m) => `${m.key}=${m.value}`).join(','));
    },
  };
}

function keyIn(key: Value): string {
  return typeof key === 'string' ? key : fail(`trace_state is indexed with a string, got ${typeName(key)}`);
}
