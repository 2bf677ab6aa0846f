#!/usr/bin/env node
/** The millrace command: the built one (dist/) in an installed package, the sources in a checkout. */
import { existsSync } from 'node:fs';

const here = new URL('../', import.meta.url);

if (existsSync(new URL('src/main/cli/main.ts', here))) {
  await import(new URL('tools/launch.mjs', here).href);
} else {
  await import(new URL('dist/main/cli/main.js', here).href);
}
