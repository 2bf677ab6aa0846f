/** What the operating system and the DNS tell about this host. Behind an interface, so that tests can give another host. */
import { lookup, Resolver } from 'node:dns/promises';
import { arch, hostname, machine, networkInterfaces, platform, release, type, version } from 'node:os';

export interface NetworkInterface {
  readonly name: string;
  /** It leads back to this host only. */
  readonly isLoopback: boolean;
  /** Lower-case octets with colons; '' = none. */
  readonly mac: string;
  readonly addresses: readonly string[];
}

export interface Host {
  /** Node's word: `linux`, `win32`. */
  readonly platform: string;
  /** Node's word: `x64`. */
  readonly arch: string;
  readonly hostname: string;
  /** As `uname -srvm` has them. */
  readonly uname: {
    readonly type: string;
    readonly release: string;
    readonly version: string;
    readonly machine: string;
  };
  /** Those that are up, in the order of the system. */
  readonly interfaces: () => readonly NetworkInterface[];
  readonly dns: Dns;
}

/** All reject when there is no such answer. */
export interface Dns {
  /** The name at the end of the CNAME records of `name`, which is `name` itself where it has none; without the last dot. */
  readonly canonicalName: (name: string) => Promise<string>;
  readonly addresses: (name: string) => Promise<readonly string[]>;
  readonly names: (address: string) => Promise<readonly string[]>;
}

/** More CNAME records in a row are a mistake or a circle. */
const MAX_CNAMES = 16;

/** `signal` ends the questions to the DNS. */
export function thisHost(signal: AbortSignal): Host {
  return {
    platform: platform(),
    arch: arch(),
    hostname: hostname(),
    uname: { type: type(), release: release(), version: version(), machine: machine() },
    interfaces,
    dns: systemDns(signal),
  };
}

function interfaces(): readonly NetworkInterface[] {
  return Object.entries(networkInterfaces()).map(([name, entries = []]) => ({
    name,
    isLoopback: entries.some(({ internal }) => internal),
    mac: entries[0]?.mac ?? '',
    addresses: entries.map(({ address }) => address),
  }));
}

function systemDns(signal: AbortSignal): Dns {
  const resolver = (): Resolver => {
    signal.throwIfAborted();
    const made = new Resolver();
    signal.addEventListener('abort', () => made.cancel(), { once: true });
    return made;
  };
  return {
    canonicalName: async (name) => {
      let at = name;
      for (let followed = 0; followed < MAX_CNAMES; followed++) {
        const next = await resolver()
          .resolveCname(at)
          .catch((error: unknown) => {
            if ((error as NodeJS.ErrnoException).code === 'ENODATA') return [];
            throw error;
          });
        if (next.length === 0) break;
        at = next[0];
      }
      if (at === name) await resolver().resolve4(name);
      return at;
    },
    // The system's own lookup cannot be ended: nobody waits for it any more.
    addresses: async (name) => {
      const found = await Promise.race([lookup(name, { all: true }), aborted(signal)]);
      return found.map(({ address }) => address);
    },
    names: (address) => resolver().reverse(address),
  };
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
