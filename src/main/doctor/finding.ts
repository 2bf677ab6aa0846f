/** One line of what `doctor` says. */
export interface Finding {
  readonly state: 'ok' | 'warn' | 'fail';
  readonly what: string;
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
}
