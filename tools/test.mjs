/**
 * `npm test [-- PATH...] [--this-node]`: runs test/**\/*.test.ts from source with node:test, each file in a process of its
 * own. A PATH (file or folder, relative to the project) narrows the choice.
 *
 * --this-node                 run on the Node that runs this file instead of the pinned one (the version matrix)
 * MILLRACE_TEST_EXCLUDE=a,b   leave out files whose path begins with one of these (printed)
 *
 * Printed are one line a file as it ends, failures in full with what the file wrote, skipped tests with their reasons, and
 * as the last line always `N passed, N failed, N skipped`. The exit code is 0 only when nothing failed.
 *
 * Files are started here and not by `node --test`, which waits for ever for a file that does not end and hands its
 * children a changed `execArgv`, which worker threads would inherit.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installedNode, root } from './setup.mjs';

/** A file that has not ended by then is killed, fails, and the test it was in is named. */
const FILE_LIMIT_MS = 120_000;
/** What a file writes is kept up to this many characters, to be shown when it fails. */
const OUTPUT_LIMIT = 20_000;

const args = process.argv.slice(2);
const unknown = args.find((arg) => arg.startsWith('-') && arg !== '--this-node');
if (unknown !== undefined) giveUp(`unknown option ${unknown}`);
const node = args.includes('--this-node') ? process.execPath : installedNode();
const files = choose(args.filter((arg) => !arg.startsWith('-')));

const scratch = mkdtempSync(join(tmpdir(), 'millrace-test-'));
const running = new Set();
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    for (const child of running) killGroup(child);
    rmSync(scratch, { recursive: true, force: true });
    process.exit(130);
  });
}

const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const skips = [];
const queue = files.entries();
await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, runQueue));

for (const text of failures) console.log(text);
if (skips.length > 0) console.log(`\nskipped:\n${skips.join('\n')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
rmSync(scratch, { recursive: true, force: true });
process.exitCode = total.failed === 0 ? 0 : 1;

/** Test files in order, as paths relative to the project. */
function choose(paths) {
  const wanted = paths.map((path) => relative(root, resolve(root, path)).split(sep).join('/'));
  const isUnder = (file, path) => path === '' || file === path || file.startsWith(`${path}/`);
  const all = readdirSync(join(root, 'test'), { recursive: true })
    .map((name) => `test/${name.split(sep).join('/')}`)
    .filter((path) => path.endsWith('.test.ts'))
    .sort();
  const stranger = wanted.find((path) => !all.some((file) => isUnder(file, path)));
  if (stranger !== undefined) giveUp(`no test file is or lies under ${stranger}`);
  const chosen = wanted.length === 0 ? all : all.filter((file) => wanted.some((path) => isUnder(file, path)));
  const excluded = (process.env.MILLRACE_TEST_EXCLUDE ?? '').split(',').filter((path) => path !== '');
  const kept = chosen.filter((file) => !excluded.some((path) => file.startsWith(path)));
  if (kept.length < chosen.length) console.log(`MILLRACE_TEST_EXCLUDE leaves out ${chosen.length - kept.length} files`);
  if (kept.length === 0) giveUp('there are no test files');
  return kept;
}

async function runQueue() {
  for (const [index, file] of queue) {
    const startedMs = performance.now();
    const record = join(scratch, `${index}.ndjson`);
    const run = await runFile(file, record);
    tell(file, run, readRecord(record), (performance.now() - startedMs) / 1000);
  }
}

/** Resolves when the file's process has ended: how, and what it wrote. */
function runFile(file, record) {
  const reporter = pathToFileURL(join(root, 'tools', 'test-reporter.mjs')).href;
  const child = spawn(node, ['--conditions=source', file], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    env: {
      // Stripped and compiled sources are kept between runs: a test file then starts in a third of the time.
      NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'millrace'),
      ...process.env,
      // By environment, so that `process.execArgv` of the tests stays what it is in production.
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --test-reporter=${reporter} --test-reporter-destination="${record}"`,
    },
  });
  running.add(child);
  let output = '';
  let timedOut = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      if (output.length < OUTPUT_LIMIT) output += text;
    });
  }
  const limit = setTimeout(() => {
    timedOut = true;
    killGroup(child);
  }, FILE_LIMIT_MS);
  return new Promise((done) => {
    child.on('error', (error) => done({ ended: error.message, output }));
    child.on('exit', (code, signal) => {
      clearTimeout(limit);
      running.delete(child);
      // Whatever the file started and left behind would hold its pipes open.
      killGroup(child);
      const ended = timedOut
        ? `did not end within ${FILE_LIMIT_MS / 1000} s`
        : (signal ?? (code === 0 ? null : `exit code ${code}`));
      child.on('close', () => done({ ended, output }));
    });
  });
}

/** Kills the child and what it started, as far as that stayed in its group. */
function killGroup(child) {
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** The events of a file. A killed process may leave half a line. */
function readRecord(record) {
  let text = '';
  try {
    text = readFileSync(record, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** Counts a file's results and prints its line. */
function tell(file, run, events, seconds) {
  const ends = events.filter(({ event }) => event === 'end');
  const count = (result) => ends.filter((end) => end.result === result).length;
  const of = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };

  for (const end of ends) {
    if (end.result === 'failed') failures.push(`\nFAILED ${file}:${end.line}: ${end.name}\n${indent(end.error)}`);
    if (end.result === 'skipped') skips.push(`  ${file}: ${end.name}: ${end.reason}`);
  }
  if (run.ended !== null && of.failed === 0) {
    of.failed = 1;
    const last = events.at(-1);
    const where =
      last === undefined ? 'nothing was reported' : `${last.event === 'start' ? 'in' : 'after'}: ${last.name}`;
    failures.push(`\nFAILED ${file}: ${run.ended} (${where})`);
  } else if (ends.length === 0) {
    of.failed = 1;
    failures.push(`\nFAILED ${file}: it holds no test`);
  }
  if (of.failed > 0 && run.output !== '') failures.push(`--- what ${file} wrote:\n${indent(run.output.trimEnd())}`);

  for (const key of Object.keys(total)) total[key] += of[key];
  const skipped = of.skipped === 0 ? '' : `, ${of.skipped} skipped`;
  const failed = of.failed === 0 ? '' : `, ${of.failed} FAILED`;
  const mark = of.failed === 0 ? 'ok    ' : 'not ok';
  console.log(`${mark} ${file}: ${of.passed} passed${failed}${skipped} (${seconds.toFixed(1)} s)`);
}

function indent(text) {
  return text.replace(/^/gm, '  ');
}

function giveUp(message) {
  console.error(`millrace: ${message}`);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(2);
}
