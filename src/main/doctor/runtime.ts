/** Whether Node is one that millrace runs on, and what it has been built and started with. */
import * as zlib from 'node:zlib';
import { loadUws } from '#net/server/uws.ts';
import type { RunSettings } from '../cli/settings.ts';
import type { Finding } from './finding.ts';

export interface Runtime {
  /** `24.21.0` */
  readonly version: string;
  readonly execArgv: readonly string[];
  readonly platform: string;
  readonly arch: string;
}

export interface Wanted {
  /** `^22.22.0 || >=24.6.0` */
  readonly engines: string;
  readonly nodeFlags: readonly string[];
}

export function examineRuntime({ version, execArgv, platform, arch }: Runtime, wanted: Wanted): Finding[] {
  const missing = wanted.nodeFlags.filter((flag) => !execArgv.includes(flag));
  return [
    isWithin(version, wanted.engines)
      ? { state: 'ok', what: 'Node', found: version }
      : { state: 'fail', what: 'Node', found: version, advice: `install one that is ${wanted.engines}` },
    platform === 'win32'
      ? { state: 'warn', what: 'platform', found: `${platform} ${arch}`, advice: 'use WSL: nothing is tested here' }
      : { state: 'ok', what: 'platform', found: `${platform} ${arch}` },
    missing.length === 0
      ? { state: 'ok', what: 'flags of Node', found: wanted.nodeFlags.join(' ') }
      : {
          state: 'warn',
          what: 'flags of Node',
          found: `${missing.join(' ')} not set: a span costs more CPU and memory`,
          advice: 'start millrace by its own command, or set them before the script',
        },
    'zstdCompressSync' in zlib
      ? { state: 'ok', what: 'zstd', found: 'there' }
      : { state: 'fail', what: 'zstd', found: 'this Node has none', advice: `install one that is ${wanted.engines}` },
  ];
}

/** `range`: alternatives of `^a.b.c` and `>=a.b.c`, which is what package.json uses. */
export function isWithin(version: string, range: string): boolean {
  const numbers = (text: string): number[] => (/\d+\.\d+\.\d+/.exec(text)?.[0] ?? '0.0.0').split('.').map(Number);
  const own = numbers(version);
  return range.split('||').some((part) => {
    const least = numbers(part);
    const first = own.findIndex((number, i) => number !== least[i]);
    const isNotLess = first < 0 || own[first] > least[first];
    return isNotLess && (part.includes('>=') || own[0] === least[0]);
  });
}

/** `load`: the package, or why there is none. */
export async function examineDriver(
  driver: RunSettings['httpDriver'],
  load: () => Promise<object | string> = loadUws,
): Promise<Finding> {
  const what = 'HTTP server';
  if (driver === 'node') return { state: 'ok', what, found: 'node:http, as --http.driver says' };
  const uws = await load();
  if (typeof uws !== 'string') return { state: 'ok', what, found: 'uWebSockets.js' };
  return driver === 'auto'
    ? { state: 'ok', what, found: `node:http (${uws})` }
    : { state: 'fail', what, found: uws, advice: 'install it (it needs glibc 2.38), or use --http.driver=node' };
}
