/** What each detector makes of the documented answers of its source, of another source, and of none. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DETECTORS } from '#components/otelcol/processor/resourcedetection/detectors/list.ts';
import { detect, plain, surroundedBy, type DetectorCase } from '#test/support/detecting.ts';
import { AWS } from '#test/support/detector-cases-aws.ts';
import { GOOGLE_AND_AZURE } from '#test/support/detector-cases-google-azure.ts';
import { OTHERS } from '#test/support/detector-cases-others.ts';

const CASES: readonly DetectorCase[] = [...AWS, ...GOOGLE_AND_AZURE, ...OTHERS];

const STRICT = 'fail_on_missing_metadata = true\ntimeout = "500ms"';
const named = ({ detector, text = '' }: DetectorCase): string => `detectors = ["${detector}"]\n${text}`;

describe('detectors', () => {
  for (const one of CASES) {
    test(one.title ?? one.detector, async (t) => {
      const around = await surroundedBy(t, one.place);
      const detection = await detect(around, `${named(one)}\n${STRICT}`);
      assert.deepEqual(detection.failures, []);
      assert.deepEqual(plain(detection), one.gives);
      for (const [line, headers] of Object.entries(one.shows ?? {})) {
        const asked = around.asked.find((question) => question.line === line);
        for (const [name, value] of Object.entries(headers))
          assert.equal(asked?.headers[name], value, `${line}: ${name}`);
      }
    });
  }

  for (const one of CASES.filter(({ detector }, i) => CASES.findIndex((other) => other.detector === detector) === i)) {
    test(`${one.detector} elsewhere`, async (t) => {
      const around = await surroundedBy(t, {});
      const lenient = await detect(around, named(one));
      assert.deepEqual(lenient.failures, []);
      assert.deepEqual(plain(lenient), {});
      const strict = await detect(around, `${named(one)}\n${STRICT}`);
      assert.deepEqual(
        strict.failures.map(({ detector }) => detector),
        one.neverFails === true ? [] : [one.detector],
      );
    });
  }

  for (const [what, route] of [
    ['answers that are not JSON', 'not { json'],
    ['JSON of another shape', [null, 7]],
    ['errors', 500],
    ['empty answers', ''],
  ] as const) {
    test(`nothing comes of ${what} but what is known without them`, async (t) => {
      for (const one of CASES.filter(({ place }) => place.routes !== undefined)) {
        const routes = Object.fromEntries(Object.keys(one.place.routes ?? {}).map((line) => [line, route]));
        const around = await surroundedBy(t, { ...one.place, routes });
        const { attributes, failures } = await detect(around, `${named(one)}\ntimeout = "500ms"`);
        for (const { why } of failures) assert.ok(why.length > 0);
        for (const value of attributes.values())
          assert.ok(typeof value === 'string' && value.length > 0, `${one.title ?? one.detector}: ${String(value)}`);
      }
    });
  }

  test('every detector is among the cases', () => {
    const rest = Object.keys(DETECTORS).filter((name) => !CASES.some(({ detector }) => detector === name));
    // They have tests of their own.
    assert.deepEqual(rest.sort(), ['env', 'system']);
  });
});
