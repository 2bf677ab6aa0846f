/**
 * The machine and the process that the configuration is evaluated in.
 */
import os from 'node:os';
import process from 'node:process';
import type { Environment } from './library/library.ts';

const GO_ARCH: Readonly<Partial<Record<NodeJS.Architecture, string>>> = { x64: 'amd64', ia32: '386' };

/** `version` of millrace, without a `v`. */
export function processEnvironment(version: string): Environment {
  return {
    variable: (name) => process.env[name],
    hostname: os.hostname(),
    os: process.platform === 'win32' ? 'windows' : process.platform,
    arch: GO_ARCH[process.arch] ?? process.arch,
    version: `v${version}`,
  };
}
