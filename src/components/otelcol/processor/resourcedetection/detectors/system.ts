/** The operating system and its host. Linux tells everything, others what Node knows of them. */
import { MillraceError } from '#shared/errors.ts';
import type { Host } from '../host.ts';
import { found, type Detector, type Surroundings, type Value } from './detector.ts';

/** Words of the semantic conventions for Node's and Go's. */
const OS_TYPES: Readonly<Record<string, string>> = {
  win32: 'windows',
  sunos: 'solaris',
  dragonfly: 'dragonflybsd',
  zos: 'z_os',
};
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: 'x86', arm: 'arm32' };

export const osTypeOf = (platform: string): string => OS_TYPES[platform] ?? platform;

export const detect: Detector = async ({ env, args, wants }) => {
  const { host } = env;
  const name = await hostName(env, args.system.hostname_sources);
  const release = await osRelease(env);
  const outside = host.interfaces().filter(({ isLoopback }) => !isLoopback);
  return found({
    'host.name': name,
    'os.type': osTypeOf(host.platform),
    'os.version': await osVersion(env, release),
    'host.id': wants('host.id') ? await hostId(env) : undefined,
    'host.arch': ARCHITECTURES[host.arch] ?? host.arch,
    'host.ip': outside.flatMap(({ addresses }) => addresses),
    'host.mac': outside.filter(({ mac }) => mac !== '').map(({ mac }) => mac.replaceAll(':', '-').toUpperCase()),
    'host.interface': host.interfaces().map((one) => one.name),
    'os.description': description(host, release),
    'os.name': release.get('ID') ?? host.uname.type.toLowerCase(),
    'os.build.id': release.get('BUILD_ID') || host.uname.release,
    ...(await cpu(env)),
  });
};

async function hostName(env: Surroundings, configured: readonly string[]): Promise<string> {
  const failures: string[] = [];
  for (const source of configured.length === 0 ? ['dns', 'os'] : configured) {
    try {
      const name = await SOURCES[source](env);
      if (name !== '') return name;
      failures.push(`${source}: no name`);
    } catch (thrown) {
      if (!(thrown instanceof Error)) throw thrown;
      failures.push(`${source}: ${thrown.message}`);
    }
  }
  throw new MillraceError('no_hostname', `no source gives a name for this host: ${failures.join('; ')}`);
}

const SOURCES: Readonly<Record<string, (env: Surroundings) => Promise<string>>> = {
  os: async ({ host }) => host.hostname,
  cname: ({ host }) => host.dns.canonicalName(host.hostname),
  lookup: ({ host }) => reversed(host),
  /** As `hostname -f`: the hosts file, then the DNS. */
  dns: async (env) => {
    const { host } = env;
    const ofFile = canonicalOf(host.hostname, (await env.file('/etc/hosts')) ?? '');
    if (ofFile !== null) return ofFile;
    try {
      return await host.dns.canonicalName(host.hostname);
    } catch {
      return reversed(host);
    }
  },
};

async function reversed(host: Host): Promise<string> {
  let failure: unknown = new Error('this host has no address');
  for (const address of await host.dns.addresses(host.hostname)) {
    try {
      const names = await host.dns.names(address);
      if (names.length > 0) return names[0].replace(/\.$/, '');
    } catch (thrown) {
      failure = thrown;
    }
  }
  throw failure;
}

/** The first name of the line of a hosts file that holds `name`. */
function canonicalOf(name: string, hosts: string): string | null {
  for (const line of hosts.split('\n')) {
    const names = line.replace(/#.*/, '').trim().split(/\s+/).slice(1);
    if (names.includes(name)) return names[0];
  }
  return null;
}

/** os-release(5). */
async function osRelease(env: Surroundings): Promise<ReadonlyMap<string, string>> {
  if (env.host.platform !== 'linux') return new Map();
  const text = (await env.file('/etc/os-release')) ?? (await env.file('/usr/lib/os-release')) ?? '';
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, key, value] = /^\s*([A-Z0-9_]+)=(.*?)\s*$/.exec(line) ?? [];
      return key === undefined ? [] : [[key, value.replace(/^(["'])(.*)\1$/, '$2')] as const];
    }),
  );
}

async function osVersion(env: Surroundings, release: ReadonlyMap<string, string>): Promise<string> {
  // os-release of Debian has "12", its own file "12.5".
  const ofDebian = release.get('ID') === 'debian' ? ((await env.file('/etc/debian_version')) ?? '').trim() : '';
  return ofDebian || (release.get('VERSION_ID') ?? env.host.uname.release);
}

function description({ uname, hostname }: Host, release: ReadonlyMap<string, string>): string {
  const kernel = `${uname.type} ${hostname} ${uname.release} ${uname.version} ${uname.machine}`;
  const version = release.get('VERSION') ?? release.get('VERSION_ID') ?? '';
  const name = release.get('NAME') ?? '';
  const system = name !== '' && version !== '' ? `${name} ${version}` : (release.get('PRETTY_NAME') ?? '');
  return system === '' ? kernel : `${system} (${kernel})`;
}

async function hostId(env: Surroundings): Promise<string> {
  if (env.host.platform === 'linux')
    for (const path of ['/etc/machine-id', '/var/lib/dbus/machine-id']) {
      const id = ((await env.file(path)) ?? '').trim();
      if (id !== '') return id;
    }
  env.log.warn('this host has no machine id, so host.id is not added', {});
  return '';
}

/** Of the first processor in `/proc/cpuinfo`; those of ARM are described there in other words and have less. */
async function cpu(env: Surroundings): Promise<Record<string, Value | undefined>> {
  if (env.host.platform !== 'linux') return {};
  const text = (await env.file('/proc/cpuinfo')) ?? '';
  const facts = new Map<string, string>();
  for (const line of text.split('\n\n', 1)[0].split('\n')) {
    const at = line.indexOf(':');
    if (at > 0) facts.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  const cache = Number.parseInt(facts.get('cache size') ?? '', 10);
  return {
    'host.cpu.vendor.id': facts.get('vendor_id'),
    'host.cpu.family': facts.get('cpu family'),
    'host.cpu.model.id': facts.get('model'),
    'host.cpu.model.name': facts.get('model name'),
    'host.cpu.stepping': facts.get('stepping'),
    // In kilobytes, as the kernel and the Collector write it.
    'host.cpu.cache.l2.size': Number.isNaN(cache) ? undefined : cache,
  };
}
