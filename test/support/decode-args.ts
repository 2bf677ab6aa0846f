/** Arguments of a component as a configuration writes them, for tests: parsed, evaluated and decoded. */
import { evaluateBody } from '#config/eval/evaluate.ts';
import { Names } from '#config/eval/names.ts';
import { decode, type ArgumentsOf, type BodySchema, type Shape } from '#config/schema/schema.ts';
import { parse } from '#config/syntax/parse.ts';

export interface DecodedArgs<S extends Shape> {
  readonly args: ArgumentsOf<S>;
  /** `LINE: message`, counting from the first line of `text`. */
  readonly problems: readonly string[];
  /** Where each is: `LINE:COL`. */
  readonly places: readonly string[];
}

export function decodeArgs<S extends Shape>(schema: BodySchema<S>, text: string): DecodedArgs<S> {
  const { file, diagnostics } = parse('test', `component "label" {\n${text}\n}`);
  const owner = file.body[0];
  if (owner?.kind !== 'block') throw new Error('no block');
  const evaluated = evaluateBody(file.source, owner.body, new Names());
  const decoded = decode(schema, evaluated.body, file.source.span(owner.name.start, owner.name.end));
  const all = [...diagnostics, ...evaluated.diagnostics, ...decoded.diagnostics];
  return {
    args: decoded.args,
    problems: all.map((d) => `${d.span.line - 1}: ${d.message}`),
    places: all.map((d) => `${d.span.line - 1}:${d.span.col}`),
  };
}

/** The arguments of a text that must be right. */
export function argsOf<S extends Shape>(schema: BodySchema<S>, text: string): ArgumentsOf<S> {
  const { args, problems } = decodeArgs(schema, text);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return args;
}
