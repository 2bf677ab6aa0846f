/**
 * A node:test reporter for tools/test.mjs: one JSON object a line. `start` names each test as it begins (so that a hung
 * file can be blamed on one); `end` gives its result.
 *
 *     {"event":"start","name":"test"}
 *     {"event":"end","name":"suite > test","result":"passed"|"failed"|"skipped","reason":"...","line":12,"error":"..."}
 *
 * Reported are tests, not suites; a suite is reported when it fails by itself (a hook) or is skipped whole.
 */
import { inspect } from 'node:util';

export default async function* report(source) {
  const open = [];
  for await (const { type, data } of source) {
    if (type === 'test:start') {
      // In the order of the file, like the results, and just before each.
      open.length = data.nesting;
      open.push(data.name);
    } else if (type === 'test:dequeue') {
      // At the moment when it happens.
      yield line({ event: 'start', name: data.name });
    } else if (type === 'test:pass' || type === 'test:fail') {
      const end = resultOf(type, data);
      const name = [...open.slice(0, data.nesting), data.name].join(' > ');
      if (end !== null) yield line({ event: 'end', name, line: data.line ?? 1, ...end });
    }
  }
}

function resultOf(type, { details, skip, todo }) {
  const reason = skip ?? todo;
  if (reason !== undefined) {
    return { result: 'skipped', reason: typeof reason === 'string' && reason !== '' ? reason : 'NO REASON GIVEN' };
  }
  if (type === 'test:pass') return details?.type === 'suite' ? null : { result: 'passed' };
  // What failed only because something inside it did is reported by that.
  if (details?.error?.failureType === 'subtestsFailed') return null;
  const cause = details?.error?.cause ?? details?.error;
  return { result: 'failed', error: typeof cause === 'string' ? cause : inspect(cause, { depth: 6 }) };
}

const line = (value) => `${JSON.stringify(value)}\n`;
