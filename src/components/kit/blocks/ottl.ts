/** Arguments that hold OTTL: decoding checks the text, with the place of a mistake in it, and leaves it a text. */
import { Fault, type Problem } from '#config/schema/fault.ts';
import { type, type Type } from '#config/schema/type.ts';
import { string } from '#config/schema/types.ts';
import type { ContextName } from '#ottl/context.ts';
import { OttlError } from '#ottl/error.ts';
import { compileCondition, compileValue } from '#ottl/expression.ts';
import { CONVERTERS, type Functions } from '#ottl/functions/library.ts';

/** A condition on items of that context. */
export function ottlCondition(context: ContextName, functions: Functions = CONVERTERS): Type<string> {
  return checked('condition', (text) => void compileCondition(text, context, functions));
}

/** An expression that gives a value. `optional`: the empty text stands for none. */
export function ottlValue(context: ContextName, functions: Functions = CONVERTERS, optional = false): Type<string> {
  return checked('value', (text) => {
    if (!optional || text !== '') compileValue(text, context, functions);
  });
}

function checked(what: string, check: (text: string) => void): Type<string> {
  return type(
    string.name,
    (value) => {
      const text = string.decode(value);
      if (text instanceof Fault) return text;
      try {
        check(text);
        return text;
      } catch (thrown) {
        return new Fault([problemOf(what, thrown)]);
      }
    },
    (text) => text,
  );
}

/** The mistake in a text that is no valid OTTL `what`. Throws what is no OttlError. */
function problemOf(what: string, thrown: unknown): Problem {
  if (!(thrown instanceof OttlError)) throw thrown;
  const { located, help, start, end } = thrown;
  const problem = { path: [], message: `is not a valid OTTL ${what}: ${located}`, within: { start, end } };
  return help === undefined ? problem : { ...problem, help };
}

/** Reports each text of a list that `check` finds a mistake in; false: there was one. */
export function checkEach(
  what: string,
  texts: readonly string[],
  check: (text: string) => void,
  report: (message: string, at: Omit<Problem, 'message'>) => void,
): boolean {
  let sound = true;
  for (const [i, text] of texts.entries()) {
    try {
      check(text);
    } catch (thrown) {
      const { message, ...at } = problemOf(what, thrown);
      report(message, { ...at, path: [i] });
      sound = false;
    }
  }
  return sound;
}
