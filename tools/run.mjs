/**
 * `node tools/run.mjs [FLAGS OF NODE] FILE.ts [ARGS]`: runs a TypeScript file of the project from its source, on the project's Node, after
 * installing what is missing.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from './run-child.mjs';
import { installedNode, root } from './setup.mjs';

/** `file` relative to the project; `flags` are Node's. */
export function runSource(file, args, flags = []) {
  const node = installedNode();
  const env = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'millrace'), ...process.env };
  // npm changes to the project's folder first; paths that a user types are relative to where the user is.
  const cwd = process.cwd() === root ? (process.env.INIT_CWD ?? root) : process.cwd();
  runChild(node, ['--conditions=source', ...flags, join(root, file), ...args], { cwd, env });
}

/** The flags that millrace runs with (docs/decisions/0009). */
export function nodeFlags() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).millrace.nodeFlags;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const flags = process.argv
    .slice(2)
    .filter((word, i, all) => word.startsWith('--') && all.slice(0, i).every((w) => w.startsWith('--')));
  const [file, ...args] = process.argv.slice(2 + flags.length);
  if (file === undefined) {
    console.error('usage: node tools/run.mjs [FLAGS OF NODE] FILE.ts [ARGS]');
    process.exit(2);
  }
  runSource(file, args, flags);
}
