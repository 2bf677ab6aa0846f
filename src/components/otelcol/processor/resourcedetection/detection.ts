/**
 * One detection: all detectors of the configuration at once, each tried again until the time is over, and what they found merged in the
 * order of the configuration: the first that has an attribute wins. Facts: `internal/resourcedetection.go` of the Collector's
 * resourcedetectionprocessor.
 */
import type { Clock } from '#shared/clock.ts';
import { errorText, MillraceError } from '#shared/errors.ts';
import type { Logger } from '#shared/log.ts';
import { isNoMetadata, NOTHING, type Detected, type Surroundings, type Value } from './detectors/detector.ts';
import { DETECTORS } from './detectors/list.ts';
import { attributesOf } from './resource-attributes.ts';
import type { Args, DetectorName } from './schema.ts';
import type { Surround } from './surroundings.ts';

/** Waits between two attempts of a detector: doubling from this. */
const FIRST_RETRY_MS = 1000;

export interface Failure {
  readonly detector: DetectorName;
  readonly why: string;
}

export interface Detection extends Detected {
  /** Of detectors, which have given nothing. */
  readonly failures: readonly Failure[];
}

/** `stop` ends it early. Never rejects: a detector that fails is among the failures, what the others found counts. */
export async function detectResource(
  args: Args,
  surround: Surround,
  clock: Clock,
  log: Logger,
  stop: AbortSignal,
): Promise<Detection> {
  const time = new AbortController();
  const over = new MillraceError('detection_timeout', `no answer within ${args.timeout} ms`);
  const cancelTimer = clock.after(args.timeout, () => time.abort(over));
  const endMs = clock.monotonicMs() + args.timeout;
  const signal = AbortSignal.any([stop, time.signal]);
  try {
    const results = await Promise.all(
      args.detectors.map((name) => {
        const own = log.with({ detector: name });
        return detected(name, args, surround(signal, clock, own), (waitMs) => {
          return !signal.aborted && clock.monotonicMs() + waitMs < endMs;
        });
      }),
    );
    return merged(results);
  } finally {
    cancelTimer();
    // Ends what a detector has left behind.
    time.abort(over);
  }
}

/** `mayWait`: whether there is time for another attempt after so many milliseconds. */
async function detected(
  name: DetectorName,
  args: Args,
  env: Surroundings,
  mayWait: (ms: number) => boolean,
): Promise<Detected | Failure> {
  const strict = isStrict(name, args);
  const wants = wantsOf(name, args);
  for (let waitMs = FIRST_RETRY_MS; ; waitMs *= 2) {
    try {
      const { attributes, schemaUrl } = await DETECTORS[name]({ env, args, wants, strict });
      return { attributes: new Map([...attributes].filter(([attribute]) => wants(attribute))), schemaUrl };
    } catch (thrown) {
      const why = errorText(thrown);
      if (isNoMetadata(thrown) && !strict) {
        env.log.debug('the source of the detector is not there', { error: why });
        return NOTHING;
      }
      if (!mayWait(waitMs)) return { detector: name, why };
      env.log.debug('the detector has failed and is tried again', { error: why });
      await env.pause(waitMs).catch(() => undefined);
    }
  }
}

function isStrict(name: DetectorName, args: Args): boolean {
  const own: { readonly fail_on_missing_metadata?: unknown } = name === 'env' ? {} : args[name];
  return args.fail_on_missing_metadata || own.fail_on_missing_metadata === true;
}

/** Attributes that the detector has no block for, as tags, are wanted always. */
function wantsOf(name: DetectorName, args: Args): (attribute: string) => boolean {
  if (name === 'env') return () => true;
  const block: { readonly resource_attributes?: Readonly<Record<string, { readonly enabled: boolean } | undefined>> } =
    args[name];
  const enabled = new Map(
    attributesOf(name).map((attribute) => [
      attribute.name,
      block.resource_attributes?.[attribute.name]?.enabled ?? attribute.byDefault,
    ]),
  );
  return (attribute) => enabled.get(attribute) ?? true;
}

function merged(results: readonly (Detected | Failure)[]): Detection {
  const attributes = new Map<string, Value>();
  const failures: Failure[] = [];
  let schemaUrl = '';
  for (const result of results) {
    if ('detector' in result) {
      failures.push(result);
      continue;
    }
    if (schemaUrl === '') schemaUrl = result.schemaUrl;
    for (const [name, value] of result.attributes) if (!attributes.has(name)) attributes.set(name, value);
  }
  return { attributes, schemaUrl, failures };
}
