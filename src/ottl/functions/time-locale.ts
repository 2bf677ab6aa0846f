/** Names of months, days and halves of a day in other languages (CLDR, by Intl), for reading times. */

/** Ways to write a name; of months and days in order, of the halves before noon and after it. By the letter of the field of a format. */
export type Words = Readonly<Record<'b' | 'B' | 'a' | 'A' | 'p' | 'P', readonly (readonly string[])[]>>;

/** Null: there is no such language. */
export function wordsOf(locale: string): Words | null {
  try {
    if (Intl.DateTimeFormat.supportedLocalesOf(locale).length === 0) return null;
  } catch {
    return null;
  }
  const months = Array.from({ length: 12 }, (_, i) => Date.UTC(2023, i, 1));
  // 2023 begins with a Sunday.
  const days = Array.from({ length: 7 }, (_, i) => Date.UTC(2023, 0, 1 + i));
  const named = (times: readonly number[], part: 'month' | 'weekday', length: 'long' | 'short'): string[][] => {
    const alone = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', [part]: length });
    // With a day beside it a month is in another case in many languages.
    const beside = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', day: 'numeric', [part]: length });
    return times.map((time) => spellings([alone.format(time), partOf(beside, time, part)]));
  };
  const clock = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', hour: 'numeric', hour12: true });
  const halves = ['AM', 'PM'].map((english, i) =>
    spellings([english, partOf(clock, Date.UTC(2023, 0, 1, 9 + 6 * i), 'dayPeriod')]),
  );
  return {
    b: named(months, 'month', 'short'),
    B: named(months, 'month', 'long'),
    a: named(days, 'weekday', 'short'),
    A: named(days, 'weekday', 'long'),
    p: halves,
    P: halves,
  };
}

const partOf = (format: Intl.DateTimeFormat, time: number, part: string): string =>
  format.formatToParts(time).find(({ type }) => type === part)?.value ?? '';

/** Also without spaces, and without dots. */
function spellings(names: readonly string[]): string[] {
  const all = names.flatMap((name) => [name, name.replace(/\s/g, ''), name.replace(/[.\s]/g, '')]);
  return [...new Set(all)].filter((name) => name !== '' && !/^\d+$/.test(name));
}
