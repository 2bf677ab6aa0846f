#!/usr/bin/env node
/**
 * The millrace command: the built one (dist/) in an installed package, the sources in a checkout.
 *
 * Node runs with the flags of package.json (`millrace.nodeFlags`; why: docs/decisions/0009). They cannot be set from within,
 * so this process becomes another Node in place: same pid, same streams. Where that does not exist (Windows) it runs without.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = new URL('../', import.meta.url);

if (existsSync(new URL('src/main/cli/main.ts', here))) {
  await import(new URL('tools/launch.mjs', here).href);
} else {
  const { nodeFlags } = JSON.parse(readFileSync(new URL('package.json', here), 'utf8')).millrace;
  const missing = nodeFlags.filter((flag) => !process.execArgv.includes(flag));
  if (missing.length > 0 && process.execve !== undefined && process.platform !== 'win32') {
    const args = [...missing, ...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
    process.execve(process.execPath, [process.execPath, ...args], process.env);
  }
  await import(new URL('dist/main/cli/main.js', here).href);
}
