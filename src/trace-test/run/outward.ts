/** Components that look around outside of the pipeline. In a test they see what the test says, the same on every machine. */
import type { CreateWorkerPart } from '#components/kit/component.ts';
import { pause, type Surround } from '#components/otelcol/processor/resourcedetection/surroundings.ts';
import { MillraceError } from '#shared/errors.ts';

type Variables = Readonly<Record<string, string | undefined>>;
type Load = (variables: Variables) => Promise<{ readonly create: CreateWorkerPart<never> }>;

export const OUTWARD: Readonly<Record<string, Load | undefined>> = {
  'otelcol.processor.resourcedetection': async (variables) => {
    const { create } = await import('#components/otelcol/processor/resourcedetection/worker.ts');
    return { create: (args, ctx) => create(args, ctx, surround(variables)) };
  },
};

const offline = (): Promise<never> => Promise.reject(new MillraceError('offline', 'there is no network in a test'));

/** The environment of the test, a host that is called test, no files and nobody who answers. */
const surround =
  (variables: Variables): Surround =>
  (signal, clock, log) => ({
    variables,
    file: () => Promise.resolve(null),
    http: { answer: offline, text: offline, json: offline },
    host: {
      platform: 'linux',
      arch: 'x64',
      hostname: 'test',
      uname: { type: 'Linux', release: '6.0.0', version: '#1', machine: 'x86_64' },
      interfaces: () => [],
      dns: { canonicalName: offline, addresses: offline, names: offline },
    },
    pause: (ms) => pause(ms, signal, clock),
    log,
  });
