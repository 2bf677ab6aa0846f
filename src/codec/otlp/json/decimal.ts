/**
 * Decimal text to 64-bit integers and back, exactly, as two unsigned 32-bit halves (two's complement when negative).
 */
const TWO_32 = 4294967296;

export class Decimal {
  lo = 0;
  hi = 0;

  /**
   * Reads the integer written in `buf[start, stop)` and checks that it fits `kind`. Returns '' or what is wrong. A number
   * with a fraction or exponent passes if its value is an integer that a double holds exactly (`10.0`, `1e3`).
   */
  read(buf: Buffer, start: number, stop: number, kind: string): string {
    const negative = buf[start] === 0x2d;
    const digits = negative ? start + 1 : start;
    if (digits === stop) return 'expected an integer';
    let lo = 0;
    let hi = 0;
    for (let p = digits; p < stop; p++) {
      const digit = buf[p] - 0x30;
      if (digit < 0 || digit > 9) return this.#fromDouble(buf.toString('latin1', start, stop), kind);
      lo = lo * 10 + digit;
      hi = hi * 10 + Math.floor(lo / TWO_32);
      lo %= TWO_32;
      if (hi >= TWO_32) return 'integer out of range';
    }
    return this.#store(lo, hi, negative, kind);
  }

  #fromDouble(text: string, kind: string): string {
    if (!/^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$/.test(text)) return 'expected an integer';
    const value = Number(text);
    if (!Number.isInteger(value)) return 'expected an integer, got a fraction';
    if (!Number.isSafeInteger(value)) return 'integer out of range';
    const magnitude = Math.abs(value);
    return this.#store(magnitude % TWO_32, Math.floor(magnitude / TWO_32), value < 0, kind);
  }

  #store(lo: number, hi: number, negative: boolean, kind: string): string {
    if (!fits(lo, hi, negative, kind)) return 'integer out of range';
    if (negative) {
      this.lo = -lo >>> 0;
      this.hi = (lo === 0 ? -hi : ~hi) >>> 0;
    } else {
      this.lo = lo;
      this.hi = hi;
    }
    return '';
  }
}

function fits(lo: number, hi: number, negative: boolean, kind: string): boolean {
  const zero = lo === 0 && hi === 0;
  switch (kind) {
    case 'int64':
    case 'sfixed64':
      return hi < 0x8000_0000 || (negative && hi === 0x8000_0000 && lo === 0);
    case 'uint64':
    case 'fixed64':
      return !negative || zero;
    case 'uint32':
    case 'fixed32':
      return hi === 0 && (!negative || zero);
    default:
      return hi === 0 && (lo < 0x8000_0000 || (negative && lo === 0x8000_0000));
  }
}

/** The decimal text of a signed or unsigned 64-bit integer. */
export function decimalText(lo: number, hi: number, signed: boolean): string {
  if (hi < 0x20_0000) return String(hi * TWO_32 + lo);
  const value = (BigInt(hi) << 32n) | BigInt(lo);
  return String(signed ? BigInt.asIntN(64, value) : value);
}
