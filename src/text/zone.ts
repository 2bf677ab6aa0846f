/** Time zones by their IANA names, as Go's time.LoadLocation takes them. */

export class Zone {
  static readonly UTC = new Zone(null);
  readonly #format: Intl.DateTimeFormat | null;

  private constructor(format: Intl.DateTimeFormat | null) {
    this.#format = format;
  }

  /** null: there is no such zone. */
  static named(name: string): Zone | null {
    if (name === '' || name === 'UTC') return Zone.UTC;
    // What else Intl takes, offsets, Go does not.
    if (/^[+-]/.test(name)) return null;
    try {
      return new Zone(
        new Intl.DateTimeFormat('en-US', {
          ...(name === 'Local' ? {} : { timeZone: name }),
          hourCycle: 'h23',
          year: 'numeric',
          month: 'numeric',
          day: 'numeric',
          hour: 'numeric',
          minute: 'numeric',
          second: 'numeric',
          era: 'short',
        }),
      );
    } catch {
      return null;
    }
  }

  /** Seconds east of UTC when clocks there show `localSeconds` (counted as if they were UTC); where they show it twice, Go's choice. */
  offsetOfLocal(localSeconds: number): number {
    if (this.#format === null) return 0;
    const first = this.#offset(this.#format, localSeconds);
    return first === 0 ? 0 : this.#offset(this.#format, localSeconds - first);
  }

  #offset(format: Intl.DateTimeFormat, utcSeconds: number): number {
    const parts: Record<string, string> = {};
    for (const { type, value } of format.formatToParts(new Date(utcSeconds * 1000))) parts[type] = value;
    const part = (type: string): number => Number(parts[type]);
    const year = parts['era'] === 'BC' ? 1 - part('year') : part('year');
    const date = new Date(0);
    date.setUTCFullYear(year, part('month') - 1, part('day'));
    const shown = date.getTime() / 1000 + part('hour') * 3600 + part('minute') * 60 + part('second');
    return shown - utcSeconds;
  }
}
