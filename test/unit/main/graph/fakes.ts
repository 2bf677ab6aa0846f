/** A small world for the graph: components that only remember what happened to them, and a fleet without threads. */
import {
  define,
  type Component,
  type CreateMainPart,
  type Entry,
  type MainContext,
  type MainPart,
  type Provider,
  type ReceiverEntry,
  type ProviderContext,
  type Stability,
} from '#components/kit/component.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { secretOf } from '#config/eval/value.ts';
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { any, bool, secret, string } from '#config/schema/types.ts';
import { importBlock, type ImportBlock, type ImportedModule } from '#main/graph/imports/import-block.ts';
import { importString } from '#main/graph/imports/import-string.ts';
import type { Fleet, HandOverListener, NodeHealth } from '#main/supervisor/fleet.ts';
import { Outcome } from '#shared/outcome.ts';
import { ADDRESS_IN_USE } from '#net/server/listen.ts';
import type { LoadOptions } from '#main/graph/load.ts';
import type { Source } from '#main/graph/source.ts';
import { systemClock } from '#shared/clock.ts';
import { MillraceError } from '#shared/errors.ts';
import type { Plan } from '#shared/plan.ts';
import type { Signal } from '#shared/signal.ts';

const ALL: readonly Signal[] = [0, 1, 2];

export const receiverArgs = body({
  address: attr(string, { default: '', doc: 'What it binds.' }),
  token: attr(secret, { doc: 'A secret.' }),
  output: outputBlock,
});
const processorArgs = body({ size: attr(string, { default: '1', doc: 'Something.' }), output: outputBlock });
const exporterArgs = body({
  endpoint: attr(string, { required: true, doc: 'Where to.' }),
  tls: block(body({ ca: attr(string, { doc: 'A file.' }) }), { doc: 'TLS.' }),
});

const never = (): Promise<never> => Promise.reject(new Error('the fakes have no worker parts'));
const sink = (name: string, accepts: readonly Signal[], stability: Stability): Component => ({
  name,
  stability,
  summary: '',
  args: exporterArgs,
  ...(name === 'otelcol.exporter.fake' ? { otelcol: { kind: 'exporter', type: 'fake' } as const } : {}),
  accepts,
  worker: never,
});

/** What a provider gives, by the argument `name`; a MillraceError: it cannot begin. */
export type Contents = Map<string, string | MillraceError | Promise<string>>;

/** What the parts went through, in order: `start a`, `update a`, `stop a`; of providers `provide a`, `end a`. */
export interface World {
  readonly events: string[];
  readonly contents: Contents;
  /** Of the providers that have been made last, by id. */
  readonly providers: Map<string, ProviderContext<never>>;
  /** `import.file` and `import.http`, which give what is in `contents` under `filename` and `url`. */
  readonly imports: ReadonlyMap<string, ImportBlock>;
  readonly components: ReadonlyMap<string, Component>;
  readonly contexts: Map<string, MainContext>;
  /** Addresses that somebody else has. */
  readonly taken: Set<string>;
}

const provided = body({ content: attr(any, { default: null, doc: 'The content.' }) });
const providerArgs = body({
  name: attr(string, { required: true, doc: 'What it gives.' }),
  is_secret: attr(bool, { default: false, doc: 'Whether it is a secret.' }),
});

interface Shown {
  readonly events: string[];
  readonly contents: Contents;
  readonly providers: Map<string, ProviderContext<never>>;
}

function fakeProvider<E>(shown: Shown, name: string, ctx: ProviderContext<E>, make: (text: string) => E): Provider<E> {
  shown.providers.set(ctx.id, ctx);
  return {
    start: async () => {
      shown.events.push(`provide ${ctx.id} ${name}`);
      const content = await shown.contents.get(name);
      if (content === undefined) throw new MillraceError('not_found', `there is no ${name}`);
      if (typeof content !== 'string') throw content;
      return make(content);
    },
    stop: () => Promise.resolve(void shown.events.push(`end ${ctx.id} ${name}`)),
  };
}

/** A module as a fake import gives it. */
export const moduleOf = (name: string, text: string): ImportedModule => ({
  sources: [{ name, bytes: Buffer.from(text) }],
  path: `/modules/${name}`,
});

function fakeImports(shown: Shown): ReadonlyMap<string, ImportBlock> {
  const file = importBlock({
    name: 'import.file',
    stability: 'generally-available',
    summary: '',
    local: true,
    args: body({ filename: attr(string, { required: true, doc: 'Which one.' }) }),
    create: ({ filename }, ctx) => fakeProvider(shown, filename, ctx, (text) => moduleOf(filename, text)),
  });
  const http = importBlock({
    name: 'import.http',
    stability: 'generally-available',
    summary: '',
    local: false,
    args: body({ url: attr(string, { required: true, doc: 'Which one.' }) }),
    create: ({ url }, ctx) => fakeProvider(shown, url, ctx, (text) => moduleOf(url, text)),
  });
  return new Map<string, ImportBlock>([
    [file.name, file],
    [http.name, http],
    [importString.name, importString],
  ]);
}

export function world(): World {
  const events: string[] = [];
  const shown: Shown = { events, contents: new Map(), providers: new Map() };
  const contexts = new Map<string, MainContext>();
  const taken = new Set<string>();
  const inUse = new Set<string>();
  const create: CreateMainPart<{ address: string }> = (args, ctx): MainPart<{ address: string }> => {
    contexts.set(ctx.id, ctx);
    let bound: string | null = null;
    const release = (): void => {
      if (bound !== null) inUse.delete(bound);
      bound = null;
    };
    const bind = (address: string, what: string): Promise<void> => {
      if (address !== bound && (taken.has(address) || inUse.has(address)))
        return Promise.reject(new MillraceError(ADDRESS_IN_USE, `cannot listen on ${address}`));
      release();
      bound = address;
      inUse.add(address);
      events.push(`${what} ${ctx.id} ${address}`);
      return Promise.resolve();
    };
    return {
      start: () => bind(args.address, 'start'),
      update: (next) => bind(next.address, 'update'),
      vacate: (next) => {
        if (next?.address !== bound) release();
        return Promise.resolve(void events.push(`vacate ${ctx.id}`));
      },
      stop: () => {
        release();
        return Promise.resolve(void events.push(`stop ${ctx.id}`));
      },
    };
  };
  const receiver: Component = {
    name: 'otelcol.receiver.fake',
    stability: 'generally-available',
    summary: '',
    args: receiverArgs,
    otelcol: { kind: 'receiver', type: 'fake' },
    accepts: [],
    main: () => Promise.resolve({ create }),
  };
  const processor: Component = {
    name: 'otelcol.processor.fake',
    stability: 'generally-available',
    summary: '',
    args: processorArgs,
    accepts: ALL,
    worker: never,
  };
  const provider = define({
    name: 'local.fake',
    stability: 'generally-available',
    summary: '',
    args: providerArgs,
    accepts: [],
    exports: provided,
    provider: () =>
      Promise.resolve({
        create: ({ name, is_secret }: Infer<typeof providerArgs>, ctx: ProviderContext<Infer<typeof provided>>) =>
          fakeProvider(shown, name, ctx, (text) => ({ content: is_secret ? secretOf(text) : text })),
      }),
  });
  const list: readonly Component[] = [
    provider,
    receiver,
    processor,
    sink('otelcol.exporter.fake', ALL, 'generally-available'),
    sink('otelcol.exporter.traces_only', [0], 'generally-available'),
    sink('otelcol.exporter.trial', ALL, 'experimental'),
  ];
  return { ...shown, imports: fakeImports(shown), contexts, taken, components: new Map(list.map((c) => [c.name, c])) };
}

export function loadOptions(
  components: ReadonlyMap<string, Component>,
  stability: Stability = 'generally-available',
): LoadOptions {
  return {
    components,
    stability,
    environment: {
      variable: (name) => (name === 'PORT' ? '4317' : undefined),
      hostname: 'h',
      os: 'linux',
      arch: 'amd64',
      version: 'v1.2.3',
    },
    clock: systemClock,
  };
}

export const source = (text: string, name = 'c.alloy'): Source => ({ name, bytes: Buffer.from(text) });

export class FakeFleet implements Fleet {
  handOver: HandOverListener | null = null;
  /** Parcels of the next harvest of each node. */
  readonly parcels = new Map<string, Uint8Array<ArrayBuffer>[]>();
  readonly calls: string[] = [];
  readonly plans: Plan[] = [];
  readonly ingest = null;
  readonly mergeRequestBytes = 1 << 20;
  /** Makes the next start or apply fail. */
  failNext: MillraceError | null = null;
  #listeners: ((health: NodeHealth) => void)[] = [];

  start(plan: Plan): Promise<void> {
    return this.#take('start', plan);
  }
  apply(plan: Plan): Promise<void> {
    return this.#take('apply', plan);
  }
  collectGarbage(): void {
    this.calls.push('collect garbage');
  }
  mergeEntry(): Entry {
    return this.entry();
  }
  harvest(nodeId: string, take: (parcel: Uint8Array<ArrayBuffer>) => void): Promise<void> {
    this.calls.push(`harvest ${nodeId}`);
    for (const parcel of this.parcels.get(nodeId)?.splice(0) ?? []) take(parcel);
    return Promise.resolve();
  }
  onHandOver(listener: HandOverListener): void {
    this.handOver = listener;
  }
  entry(): ReceiverEntry {
    return { has: () => true, admit: () => Outcome.accepted, offer: (_signal, _bytes, _metadata, done) => done(0, 0) };
  }
  stop(): Promise<void> {
    this.calls.push('stop');
    return Promise.resolve();
  }
  onHealth(listener: (health: NodeHealth) => void): void {
    this.#listeners.push(listener);
  }
  health(health: NodeHealth): void {
    for (const listener of this.#listeners) listener(health);
  }

  #take(what: string, plan: Plan): Promise<void> {
    this.calls.push(what);
    const failure = this.failNext;
    this.failNext = null;
    if (failure !== null) return Promise.reject(failure);
    this.plans.push(plan);
    return Promise.resolve();
  }
}
