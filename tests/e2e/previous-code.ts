import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** What the names of migrations begin with. */
const DAY = 'YYYYMMDD';

const git = async (...args: string[]): Promise<string> => (await run('git', ['-C', ROOT, ...args])).stdout.trim();

/** A build of the code that ran before the newest migrations, or why there is none to be had. */
export type PreviousCode = { readonly root: string; readonly commit: string; remove(): Promise<void> } | { readonly missing: string };

/**
 * The commit before the first of the newest migrations, which are those whose names begin with the same day: they are
 * rolled out together. The one that is checked out where none of them is committed yet. The variable PREVIOUS names
 * another one, such as what runs in production.
 */
async function previousCommit(): Promise<string | { readonly missing: string }> {
  const { PREVIOUS: named } = process.env;
  if (named !== undefined && named !== '') return git('rev-parse', '--verify', `${named}^{commit}`);
  try {
    if ((await git('rev-parse', '--show-toplevel')) !== ROOT.replace(/\/$/, '')) return { missing: 'this is not a clone of the repository' };
    const day = (await readdir(join(ROOT, 'migrations'))).sort().at(-1)?.slice(0, DAY.length) ?? '';
    const added = await git('log', '--first-parent', '--diff-filter=A', '--format=%H', '--', `migrations/${day}*`);
    const first = added.split('\n').at(-1) ?? '';
    return await git('rev-parse', '--verify', first === '' ? 'HEAD' : `${first}^1`);
  } catch {
    return { missing: 'the history before the last migration is not here (no git, no clone, or a shallow one)' };
  }
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly link?: boolean; readonly dev?: boolean; readonly optional?: boolean }>>;
}

/** What the commit needs at run time and is not installed in that version, by its own lock file. */
async function notInstalled(root: string): Promise<readonly string[]> {
  const [then, now] = await Promise.all(
    [root, ROOT].map(async (folder) => (JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as Lock).packages),
  );
  return Object.entries(then ?? {})
    .filter(([path, { link, dev, optional }]) => path.includes('node_modules/') && link !== true && dev !== true && optional !== true)
    .filter(([path, { version }]) => now?.[path]?.version !== version)
    .map(([path, { version }]) => `${path.split('node_modules/').at(-1) ?? path} ${version ?? ''}`);
}

async function linkAll(from: string, to: string, except: readonly string[] = []): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) if (!except.includes(name)) await symlink(join(from, name), join(to, name));
}

/** Its own workspaces, and what is installed here for everything else. */
async function linkPackages(root: string): Promise<void> {
  await linkAll(join(ROOT, 'node_modules'), join(root, 'node_modules'), ['@deptracker', '.vite', '.cache']);
  await mkdir(join(root, 'node_modules', '@deptracker'));
  for (const kind of ['packages', 'apps']) {
    for (const name of await readdir(join(root, kind))) {
      await symlink(join(root, kind, name), join(root, 'node_modules', '@deptracker', name));
      const own = join(ROOT, kind, name, 'node_modules');
      if (existsSync(own)) await linkAll(own, join(root, kind, name, 'node_modules'));
    }
  }
}

/** Takes the previous code out of the history into a temporary folder and builds it there; nothing here is touched. */
export async function buildPreviousCode(): Promise<PreviousCode> {
  const commit = await previousCommit();
  if (typeof commit !== 'string') return commit;
  const root = await mkdtemp(join(tmpdir(), 'deptracker-previous-'));
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true });
  try {
    await run('sh', ['-c', `git -C "$1" archive "$2" | tar -x -C "$3"`, 'sh', ROOT, commit, root]);
    const lacking = await notInstalled(root);
    if (lacking.length > 0) {
      await remove();
      return { missing: `${commit.slice(0, 9)} needs other packages than are installed: ${lacking.join(', ')}` };
    }
    await linkPackages(root);
    await run(process.execPath, ['node_modules/typescript-7/bin/tsc', '-b'], { cwd: root });
    return { root, commit, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
