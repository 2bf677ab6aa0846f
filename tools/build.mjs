/**
 * `npm run build`: compiles src/ to dist/ with tsc and copies what is neither TypeScript nor documentation. dist/ is what
 * the package and the image run; in a checkout everything runs from source.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installedNode, root } from './setup.mjs';

const node = installedNode();
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });

const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const compiled = spawnSync(node, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (compiled.status !== 0) {
  rmSync(dist, { recursive: true, force: true });
  console.error('millrace: the build failed, there is no dist/');
  process.exit(1);
}

const isAsset = (name) => /\.[a-z0-9]+$/i.test(name) && !/\.(ts|md)$/.test(name);
for (const name of readdirSync(join(root, 'src'), { recursive: true })) {
  if (isAsset(name)) cpSync(join(root, 'src', name), join(dist, name));
}
