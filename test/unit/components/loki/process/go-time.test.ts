import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GoLayout, layoutOf, withYear } from '#components/loki/process/go-time.ts';
import { Zone } from '#text/zone.ts';

/** ISO with nanoseconds, in UTC; null: no such time. */
function parsed(layout: string, text: string, zone = ''): string | null {
  const time = new GoLayout(layoutOf(layout)).parse(text, Zone.named(zone)!);
  if (time === null) return null;
  const nanos = ((time.timeNs % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const date = new Date(Number((time.timeNs - nanos) / 1_000_000n)).toISOString().slice(0, -5);
  return nanos === 0n ? date : `${date}.${String(nanos).padStart(9, '0')}`;
}

const CASES: readonly [layout: string, text: string, wanted: string | null, zone?: string][] = [
  ['RFC3339', '2019-01-01T01:00:00Z', '2019-01-01T01:00:00'],
  ['RFC3339', '2019-01-01T01:00:00.5+01:30', '2018-12-31T23:30:00.500000000'],
  ['RFC3339', '2019-02-29T01:00:00Z', null],
  ['RFC3339', '2019-01-01T24:00:00Z', null],
  ['RFC3339', '2019-01-01T01:00:00', null],
  ['RFC3339Nano', '2019-01-01T01:00:00.123456789Z', '2019-01-01T01:00:00.123456789'],
  ['RFC3339Nano', '2019-01-01T01:00:00Z', '2019-01-01T01:00:00'],
  ['RFC822', '02 Jan 06 15:04 MST', '2006-01-02T15:04:00'],
  ['RFC822Z', '02 Jan 06 15:04 -0700', '2006-01-02T22:04:00'],
  ['RFC850', 'Monday, 02-Jan-06 15:04:05 UTC', '2006-01-02T15:04:05'],
  ['RFC1123', 'Mon, 02 Jan 2006 15:04:05 GMT', '2006-01-02T15:04:05'],
  ['RFC1123', 'Mon, 02 Jan 2006 15:04:05 GMT+3', '2006-01-02T15:04:05'],
  ['RFC1123Z', 'Mon, 02 Jan 2006 15:04:05 -0700', '2006-01-02T22:04:05'],
  ['ANSIC', 'Mon Jan  2 15:04:05 2006', '2006-01-02T15:04:05'],
  ['UnixDate', 'Mon Jan 12 15:04:05 MST 2006', '2006-01-12T15:04:05'],
  ['RubyDate', 'Mon Jan 02 15:04:05 -0700 2006', '2006-01-02T22:04:05'],
  ['2006-01-02 03:04:05 PM', '2021-07-05 12:30:00 AM', '2021-07-05T00:30:00'],
  ['2006-01-02 03:04:05 PM', '2021-07-05 01:30:00 PM', '2021-07-05T13:30:00'],
  ['2006-01-02 15:04:05', '2021-07-05 12:00:00', '2021-07-05T10:00:00', 'Europe/Berlin'],
  ['2006-01-02 15:04:05', '2021-01-05 12:00:00', '2021-01-05T11:00:00', 'Europe/Berlin'],
  ['2006-01-02 15:04:05 -07:00', '2021-01-05 12:00:00 +00:00', '2021-01-05T12:00:00', 'Europe/Berlin'],
  ['2006-01-02 15:04:05', '2021-01-05 12:00:00', '2021-01-05T17:00:00', 'America/New_York'],
  ['2006-002', '2020-366', '2020-12-31T00:00:00'],
  ['2006-002', '2021-366', null],
  ['02/January/2006', '5/JULY/2021', null],
  ['2/January/2006', '5/JULY/2021', '2021-07-05T00:00:00'],
  ['06-1-2', '69-3-4', '1969-03-04T00:00:00'],
  ['06-1-2', '68-3-4', '2068-03-04T00:00:00'],
  ['2006-01-02T15:04:05.000', '2021-07-05T12:00:00.250', '2021-07-05T12:00:00.250000000'],
  ['2006-01-02T15:04:05.000', '2021-07-05T12:00:00.25', null],
  ['2006-01-02T15:04:05,000', '2021-07-05T12:00:00,250', '2021-07-05T12:00:00.250000000'],
  ['2006-01-02T15:04:05', '2021-07-05T12:00:00x', null],
  // An offset in numbers beside an abbreviation is what counts.
  ['2006-01-02 15:04:05 -0700 MST', '2021-07-05 12:00:00 +0100 CET', '2021-07-05T11:00:00'],
  ['MST 2006-01-02 15:04:05 -0700', 'CET 2021-07-05 12:00:00 +0100', '2021-07-05T11:00:00'],
  ['2006-01-02 15:04:05 MST', '2021-07-05 12:00:00 EDT', '2021-07-05T16:00:00', 'America/New_York'],
  ['2006-01-02 15:04:05 MST', '2021-01-05 12:00:00 EST', '2021-01-05T17:00:00', 'America/New_York'],
  ['2006-01-02 15:04:05 MST', '2021-07-05 12:00:00 UTC', '2021-07-05T12:00:00', 'America/New_York'],
  ['2006-01-02 15:04:05 MST', '2021-07-05 12:00:00 GMT', '2021-07-05T12:00:00', 'America/New_York'],
  ['2006-01-02 15:04:05 MST', '2021-07-05 12:00:00 +03', '2021-07-05T12:00:00'],
  ['2006-01-02 15:04:05 MST', '2021-07-05 12:00:00 ABCD', null],
  ['2006-01-02 15:04:05 MST', '2021-07-05 12:00:00 AB', null],
  ['2006 at 15h', '2021 at 7h', '2021-01-01T07:00:00'],
];

for (const [layout, text, wanted, zone] of CASES)
  test(`${layout}: ${text}${zone === undefined ? '' : ` in ${zone}`}`, () =>
    assert.equal(parsed(layout, text, zone), wanted));

test('a zone by its name, or none', () => {
  assert.equal(Zone.named(''), Zone.UTC);
  assert.equal(Zone.named('Mars/Olympus'), null);
  assert.equal(Zone.named('+01:00'), null);
  assert.ok(Zone.named('Asia/Kolkata') !== null);
});

test('a time without a year is in the year that is nearest', () => {
  const at = (text: string, now: string): string => {
    const time = new GoLayout('Jan _2 15:04:05').parse(text, Zone.UTC)!;
    assert.equal(time.year, 0);
    return new Date(Number(withYear(time, Date.parse(now)) / 1_000_000n)).toISOString();
  };
  assert.equal(at('Jul  5 12:00:00', '2021-06-01T00:00:00Z'), '2021-07-05T12:00:00.000Z');
  assert.equal(at('Dec 31 23:59:59', '2022-01-01T00:00:01Z'), '2021-12-31T23:59:59.000Z');
  assert.equal(at('Jan  1 00:00:01', '2021-12-31T23:59:59Z'), '2022-01-01T00:00:01.000Z');
  assert.equal(at('Feb 29 12:00:00', '2021-03-01T00:00:00Z'), '2021-03-01T12:00:00.000Z');
});
