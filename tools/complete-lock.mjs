/**
 * Completes package-lock.json: `node tools/complete-lock.mjs [--check]`.
 *
 * Some tools name one optional package per platform (oxlint, oxlint-tsgolint). Where a registry does not carry all of
 * them, `npm install` leaves the absent ones out of the lock, and `npm ci` of npm 11 and later then refuses the lock
 * ("Missing: ... from lock file"). This writes a minimal entry for each missing one. Run it after every update of such a
 * tool; test/house fails when it is due.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OPERATING_SYSTEMS = new Set([
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
]);
const PROCESSORS = new Set(['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64']);

/** `@oxlint/binding-linux-arm64-musl` -> { os: ['linux'], cpu: ['arm64'], libc: ['musl'] } */
export function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = words.find((word) => OPERATING_SYSTEMS.has(word));
  const cpu = words.find((word) => PROCESSORS.has(word));
  if (os === undefined || cpu === undefined)
    throw new Error(`cannot tell which platform ${name} is for: add it by hand`);
  const last = words.at(-1) ?? '';
  const libc =
    os !== 'linux' ? undefined : last.startsWith('musl') ? 'musl' : last.startsWith('gnu') ? 'glibc' : undefined;
  return { os: [os], cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc] }) };
}

/** The optional dependencies that some package of the lock names and that the lock does not hold. */
export function missingOptional(lock) {
  const missing = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!resolves(lock.packages, path, name)) missing.push({ path, name, version, dev: entry.dev === true });
    }
  }
  return missing;
}

/** Node's look-up: the nearest node_modules that holds `name`, from the folder of `path` upwards. */
function resolves(packages, path, name) {
  for (let at = path; ;) {
    if (packages[at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`] !== undefined) return true;
    if (at === '') return false;
    const up = at.lastIndexOf('/node_modules/');
    at = up < 0 ? '' : at.slice(0, up);
  }
}

export function complete(lock) {
  const missing = missingOptional(lock);
  const packages = { ...lock.packages };
  for (const { name, version, dev } of missing) {
    if (!/^\d/.test(version)) throw new Error(`${name} is wanted as ${version}: only exact versions can be completed`);
    const { libc, ...platform } = platformOf(name);
    packages[`node_modules/${name}`] = {
      version,
      cpu: platform.cpu,
      ...(dev ? { dev: true } : {}),
      ...(libc === undefined ? {} : { libc }),
      optional: true,
      os: platform.os,
    };
  }
  const inOrder = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  return { lock: { ...lock, packages: inOrder }, missing };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = join(dirname(fileURLToPath(import.meta.url)), '..', 'package-lock.json');
  const { lock, missing } = complete(JSON.parse(readFileSync(file, 'utf8')));
  const names = missing.map(({ name }) => `  ${name}`).join('\n');
  if (missing.length === 0) {
    console.log('package-lock.json is complete');
  } else if (process.argv.includes('--check')) {
    console.error(`package-lock.json misses optional packages; run \`node tools/complete-lock.mjs\`:\n${names}`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, JSON.stringify(lock, null, 2) + '\n');
    console.log(`package-lock.json: added ${missing.length} entries\n${names}`);
  }
}
