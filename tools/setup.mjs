/**
 * Makes a checkout runnable, whatever Node the machine has (18 or later runs this file): installs the packages when they
 * are missing or differ from package-lock.json, and finds the Node that runs millrace.
 *
 * That Node is the one pinned in package.json (the `node` devDependency). Where there is no such binary (Apple silicon,
 * install scripts forbidden), the running one serves, if it satisfies `engines`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const modules = join(root, 'node_modules');
const pinnedNode = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** A set-up that cannot be done here; the message says what to do about it. */
export class SetupError extends Error {}

/** Installs what is missing. Returns the path of the Node to run; throws a {@link SetupError}. */
export function ensureInstalled() {
  const manifest = readJson(join(root, 'package.json'));
  const runningFits = satisfies(process.versions.node, manifest.engines.node);

  const reason = whyInstall();
  if (reason !== null) {
    say(`installing packages (${reason}): npm ci, about 15 s`);
    // Install scripts fetch the pinned Node and nothing else. It is exactly that which fails where no binary exists.
    if (!npm(['ci', '--include=dev']) && !(runningFits && npm(['ci', '--include=dev', '--ignore-scripts']))) {
      throw new SetupError(
        'npm ci failed, see above. Without a way to the npm registry millrace cannot be set up; otherwise run ' +
          `\`npm ci\` by hand to see more, or install Node ${manifest.engines.node} and try again.`,
      );
    }
  }

  if (!existsSync(pinnedNode) && !runningFits) {
    say(`fetching Node ${manifest.devDependencies.node}: npm rebuild node`);
    npm(['rebuild', 'node']);
  }
  if (existsSync(pinnedNode)) return pinnedNode;
  if (runningFits) return process.execPath;
  throw new SetupError(
    `millrace needs Node ${manifest.engines.node}; this is ${process.versions.node}, and the pinned Node ` +
      `${manifest.devDependencies.node} could not be installed (${process.platform} ${process.arch}). Either allow its ` +
      'install script (`npm rebuild node --ignore-scripts=false`) or install a Node that fits.',
  );
}

/** {@link ensureInstalled} for scripts: prints the remedy and ends the process when set-up fails. */
export function installedNode() {
  try {
    return ensureInstalled();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exit(1);
  }
}

/** Why node_modules does not do, or null. npm writes node_modules/.package-lock.json last, so half an install shows. */
function whyInstall() {
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return existsSync(modules) ? 'the last install did not finish' : 'first run';
  const wanted = readJson(join(root, 'package-lock.json')).packages;
  const present = readJson(record).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const installed = present[path];
    if (installed === undefined && entry.optional === true) continue;
    if (installed?.version !== entry.version)
      return `${path.slice('node_modules/'.length)} ${entry.version} is missing`;
    if (!existsSync(join(root, path))) return `${path} is gone`;
  }
  return null;
}

/** Runs npm with its output on our stderr, so that the stdout of what comes after stays clean. */
function npm(args) {
  const outside = outsidePath();
  const cli = process.env.npm_execpath;
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const options = {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, PATH: outside.PATH },
  };
  const run =
    cli !== undefined && /npm-cli\.[cm]?js$/.test(cli)
      ? spawnSync(outside.node, [cli, ...args, ...quiet], options)
      : spawnSync('npm', [...args, ...quiet], { ...options, shell: process.platform === 'win32' });
  if (run.error !== undefined) say(`npm could not be run: ${run.error.message}`);
  return run.status === 0;
}

/** Where to find programs while npm replaces node_modules: without the project's own binaries, pinned Node included. */
function outsidePath() {
  const entries = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((entry) => !`${entry}${sep}`.startsWith(modules + sep));
  if (!process.execPath.startsWith(modules + sep)) return { PATH: entries.join(delimiter), node: process.execPath };
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  const folder = entries.find((entry) => existsSync(join(entry, binary)));
  return { PATH: entries.join(delimiter), node: folder === undefined ? process.execPath : join(folder, binary) };
}

/** Whether `version` (x.y.z) is in `range`: `^x.y.z` and `>=x.y.z`, joined by `||`. */
export function satisfies(version, range) {
  const have = numbers(version);
  return range.split('||').some((part) => {
    const [, operator, least] = /^\s*(\^|>=)\s*(\d+\.\d+\.\d+)\s*$/.exec(part) ?? [];
    if (least === undefined) throw new Error(`package.json: engines.node has a part that is not understood: ${part}`);
    const want = numbers(least);
    return compare(have, want) >= 0 && (operator === '>=' || have[0] === want[0]);
  });
}

const numbers = (version) => version.split('.').map(Number);
const compare = (a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
const say = (text) => console.error(`millrace: ${text}`);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const node = installedNode();
  say(`set up; runs on Node at ${node}`);
}
