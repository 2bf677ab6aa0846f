/** Names of a calendar in English, in order. */
export const MONTHS: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
/** Sunday is the first, as in Go and JavaScript. */
export const DAYS: readonly string[] = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Of each name the first three letters. */
export const abbreviated = (names: readonly string[]): readonly string[] => names.map((name) => name.slice(0, 3));
