/** Colours for a terminal, or none. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly dim: (text: string) => string;
}

const same = (text: string): string => text;
const ansi =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`;

export const PLAIN: Paint = { good: same, bad: same, dim: same };
export const COLOURED: Paint = { good: ansi(32), bad: ansi(31), dim: ansi(2) };
