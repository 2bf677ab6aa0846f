/** Finds the field that a member name in JSON text means, without making a string of it. */
import { MESSAGE_TYPES, type Field, type MessageType } from '../messages.ts';

interface Name {
  readonly bytes: Buffer;
  readonly field: Field;
}

/** By type id, then by length of the name. All names are ASCII. */
const NAMES: readonly (readonly Name[] | undefined)[][] = MESSAGE_TYPES.map((type) => {
  const byLength: Name[][] = [];
  for (const [name, field] of type.byName) (byLength[name.length] ??= []).push({ bytes: Buffer.from(name), field });
  return byLength;
});

/** The field of `type` that is named in `buf[start, stop)`, or null. The name has no escapes. */
export function findField(type: MessageType, buf: Buffer, start: number, stop: number): Field | null {
  const names = NAMES[type.id]?.[stop - start];
  if (names === undefined) return null;
  for (const name of names) if (equals(name.bytes, buf, start)) return name.field;
  return null;
}

function equals(name: Buffer, buf: Buffer, start: number): boolean {
  for (let i = 0; i < name.length; i++) if (name[i] !== buf[start + i]) return false;
  return true;
}
