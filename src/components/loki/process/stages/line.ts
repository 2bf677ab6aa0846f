/** Stages that change the line or the extracted data: output, template, replace, decolorize. */
import { GoRegex, type Match } from '#text/regex.ts';
import { MAX_TEXT } from '../template/function.ts';
import { TemplateError } from '../template/lexer.ts';
import { Template } from '../template/run.ts';
import type { OutputArgs, ReplaceArgs, TemplateArgs } from '../schema.ts';
import { inputOf, textOf, type Entry, type Stage } from './entry.ts';

export function outputStage({ source }: OutputArgs): Stage {
  return (entry) => {
    entry.line = textOf(entry.extracted.get(source)) ?? entry.line;
    return true;
  };
}

/** The extracted data as a template sees it: what has no text is not there. */
function templateData({ extracted }: Entry): Map<string, string> {
  const data = new Map<string, string>();
  for (const [name, value] of extracted) {
    const text = textOf(value);
    if (text !== null) data.set(name, text);
  }
  return data;
}

/** null: it failed, and then nothing changes, as in Alloy. */
function run(template: Template, data: ReadonlyMap<string, string>, absent?: string): string | null {
  try {
    return template.run(data, absent);
  } catch (error) {
    if (error instanceof TemplateError) return null;
    throw error;
  }
}

export function templateStage({ source, template: text }: TemplateArgs): Stage {
  const template = new Template(text);
  return (entry) => {
    const data = templateData(entry);
    const value = data.get(source);
    if (value !== undefined) data.set('Value', value);
    data.set('Entry', entry.line);
    const result = run(template, data);
    if (result === '') entry.extracted.delete(source);
    else if (result !== null) entry.extracted.set(source, result);
    return true;
  };
}

/** Each group of each match is replaced, outer before inner; matches without groups leave the text as it is. */
export function replaceStage({ expression, source, replace }: ReplaceArgs): Stage {
  const regex = new GoRegex(expression);
  const template = new Template(replace ?? '');
  return (entry) => {
    const input = inputOf(entry, source);
    const replaced = input === null ? null : replaceGroups(input, regex, template, templateData(entry));
    if (input === null || replaced === null) return true;
    if (source === undefined || source === '') entry.line = replaced.text;
    else entry.extracted.set(source, replaced.text);
    for (const [name, group] of regex.names) {
      const start = replaced.first[2 * group];
      const result = replaced.results.get(start < 0 ? '' : input.slice(start, replaced.first[2 * group + 1]));
      if (result !== undefined) entry.extracted.set(name, result);
    }
    return true;
  };
}

interface Replaced {
  readonly text: string;
  readonly first: Match;
  /** What each captured text has become. */
  readonly results: ReadonlyMap<string, string>;
}

/** null: there is no match, or the template failed, or the text became too long. */
function replaceGroups(input: string, regex: GoRegex, template: Template, data: Map<string, string>): Replaced | null {
  const results = new Map<string, string>();
  let first: Match | null = null;
  let text = '';
  let end = 0;
  for (const match of regex.findAll(input)) {
    first ??= match;
    for (let i = 2; i < match.length; i += 2) {
      const start = match[i];
      if (start < 0) continue;
      const captured = input.slice(start, match[i + 1]);
      data.set('Value', captured);
      const result = run(template, data, '');
      if (result === null || text.length + result.length > MAX_TEXT) return null;
      if (end <= start) {
        text += input.slice(end, start) + result;
        end = match[i + 1];
      }
      results.set(captured, result);
    }
  }
  return first === null ? null : { text: text + input.slice(end), first, results };
}

// eslint-disable-next-line no-control-regex -- escape sequences begin with a control character
const COLOR = /\u001b\[[0-9;]*m/g;

export function decolorizeStage(): Stage {
  return (entry) => {
    entry.line = entry.line.replaceAll(COLOR, '');
    return true;
  };
}
