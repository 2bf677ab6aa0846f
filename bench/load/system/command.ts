/** A command line as a user types it, taken apart without a shell: what is started is the program itself, so that signals reach it. */
export interface Command {
  /** `NAME=value` words before the program. */
  readonly env: Readonly<Record<string, string>>;
  readonly program: string;
  readonly args: readonly string[];
}

/** Words are separated by blanks; quotes of both kinds keep blanks. Throws an Error with a sentence for the user. */
export function parseCommand(line: string): Command {
  const words = splitWords(line);
  const env: Record<string, string> = {};
  let at = 0;
  for (; at < words.length; at++) {
    const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(words[at]);
    if (match === null) break;
    env[match[1]] = match[2];
  }
  const program = words[at];
  if (program === undefined || program === '') throw new Error(`a command that names no program: ${line}`);
  return { env, program, args: words.slice(at + 1) };
}

function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (const char of line) {
    if (quote !== '') {
      if (char === quote) quote = '';
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + char;
  }
  if (quote !== '') throw new Error(`a quote that does not end: ${line}`);
  if (word !== null) words.push(word);
  return words;
}

/** Puts values in the place of `{name}`; other braces stay as they are. */
export function fillIn(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all);
}
