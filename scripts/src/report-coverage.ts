import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { ROOT } from './local/environment.js';

/** Reports what the tests ran, over all processes that they started (settings in .c8rc.json). */
function main(): number {
  const excluded = ['packages', 'apps'].flatMap((folder) => builtFiles(join(ROOT, folder)).filter(hasNothingToRun));
  const c8 = join(dirname(createRequire(import.meta.url).resolve('c8/package.json')), 'bin', 'c8.js');
  const flags = ['packages/testkit/**', ...excluded.map((file) => relative(ROOT, file))].map((path) => `--exclude=${path}`);
  const { status } = spawnSync(process.execPath, [c8, 'report', ...flags], { cwd: ROOT, stdio: 'inherit' });
  return status ?? 1;
}

function builtFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((workspace) => {
    const dist = join(folder, workspace, 'dist');
    return readdirSync(dist, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.js'))
      .map((name) => join(dist, name));
  });
}

/** Types and re-exports leave no code behind, and a file of types alone is never even loaded: it would count as missed. */
function hasNothingToRun(file: string): boolean {
  const code = readFileSync(file, 'utf8').replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
  return code.replace(/export \{[^}]*\}( from '[^']*')?;/g, '').trim() === '';
}

process.exit(main());
