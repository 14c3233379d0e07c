import { execFileSync } from 'node:child_process';

/** Whom a Postgres process runs as; undefined = as this process. */
export type Account = { readonly uid: number; readonly gid: number } | undefined;

/**
 * Postgres refuses to run as root: then it runs as the user `postgres`, which is made if absent.
 * Otherwise it runs as whoever we are.
 */
export function postgresAccount(): Account {
  if (process.getuid?.() !== 0) return undefined;
  const found = lookUp();
  if (found) return found;
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'], {
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
      stdio: 'ignore',
    });
  } catch {
    throw new Error("Postgres cannot run as root and no user 'postgres' could be made: add one, or run as another user.");
  }
  const made = lookUp();
  if (!made) throw new Error("Postgres cannot run as root, and the user 'postgres' was not found.");
  return made;
}

function lookUp(): Account {
  try {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}
