/** How this collector introduces itself to other servers: product, version, platform, as the Collector's exporters do. */
import { readFileSync } from 'node:fs';

// Three folders up, in the sources and in the built package alike.
const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

export const USER_AGENT = `millrace/${manifest.version} (${process.platform}/${process.arch})`;
