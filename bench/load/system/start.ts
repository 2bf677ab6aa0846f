/** The systems of a run by name. */
import type { Compression, Protocol } from '../messages.ts';
import { startMillrace } from './millrace.ts';
import { startNaive } from './naive.ts';
import { startPeer, type PeerCommand } from './peer.ts';
import { MILLRACE, NAIVE, PLAIN, type System, type SystemName, type SystemSettings } from './system.ts';

export function startSystem(name: SystemName, settings: SystemSettings, peer: PeerCommand | null): Promise<System> {
  if (name === MILLRACE) return startMillrace(settings);
  if (name === PLAIN) return startMillrace({ ...settings, derive: false, edit: 'none' });
  if (name === NAIVE) return startNaive(settings);
  if (peer?.name === name) return startPeer(peer, settings);
  throw new Error(`no system is called ${name}`);
}

/** Why this system cannot run a scenario; null if it can. */
export function unable(name: SystemName, protocol: Protocol, ...compressions: readonly Compression[]): string | null {
  return name === NAIVE && protocol === 'grpc' && compressions.includes('zstd') ? '@grpc/grpc-js knows no zstd' : null;
}
