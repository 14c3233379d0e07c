import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { StartupError } from '@deptracker/runtime';
import { removePostgresData } from '@deptracker/testkit';
import { ROOT, type Variables } from './environment.js';

/** The files and folders below LOCAL_DIR. */
export interface LocalDir {
  readonly path: string;
  readonly postgres: string;
  readonly redis: string;
  readonly sandbox: string;
  readonly password: string;
  readonly ports: string;
  readonly lock: string;
  readonly processes: string;
}

/** Where `make run` keeps everything: LOCAL_DIR, relative to the checkout, or `.local`. */
export function localDir(env: Variables): LocalDir {
  const path = resolve(ROOT, env['LOCAL_DIR'] ?? '.local');
  return {
    path,
    postgres: join(path, 'postgres'),
    redis: join(path, 'redis'),
    sandbox: join(path, 'sandbox.jsonl'),
    password: join(path, 'postgres-password'),
    ports: join(path, 'ports.json'),
    lock: join(path, 'launcher.lock'),
    processes: join(path, 'processes.json'),
  };
}

/** Makes the folder and those above it. One that cannot be made or written to is a `StartupError`. */
export function makeLocalDir({ path }: LocalDir): void {
  const missing: string[] = [];
  for (let folder = path; !existsSync(folder); folder = dirname(folder)) missing.unshift(folder);
  try {
    // One by one: Node's recursive mode never comes to an end below /proc.
    for (const folder of missing) mkdirSync(folder);
    if (!statSync(path).isDirectory()) throw new Error('it is a file');
    accessSync(path, constants.W_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartupError(`LOCAL_DIR ${path} cannot be used (${why}); set it to a folder that can be made and written to.`);
  }
}

/** The embedded database's password; made once, readable by the owner only. */
export function databasePassword(dir: LocalDir): string {
  if (!existsSync(dir.password)) {
    makeLocalDir(dir);
    writeFileAtomically(dir.password, `${randomBytes(18).toString('base64url')}\n`);
  }
  return readFileSync(dir.password, 'utf8').trim();
}

/** Ports of the embedded servers, as chosen at an earlier start. */
export interface Ports {
  readonly postgres?: number;
  readonly redis?: number;
}

/** The remembered ports; none when there are none or the file is torn. */
export function readPorts(dir: LocalDir): Ports {
  const value = readJson(dir.ports);
  if (typeof value !== 'object' || value === null) return {};
  const port = (name: string): Record<string, number> => {
    const found: unknown = Reflect.get(value, name);
    return typeof found === 'number' ? { [name]: found } : {};
  };
  return { ...port('postgres'), ...port('redis') };
}

/** Remembers the ports for the next start and for the other commands. */
export function writePorts(dir: LocalDir, ports: Ports): void {
  writeFileAtomically(dir.ports, `${JSON.stringify(ports)}\n`);
}

/** The parsed file, or undefined when it is absent or not JSON. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Replaces a file in one go, so that nobody ever reads half of it; only the owner may read it. */
export function writeFileAtomically(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}

/** Removes what `make run` made, and the folder itself if nothing else is in it. */
export function removeLocalDir(dir: LocalDir): void {
  if (!existsSync(dir.path)) return;
  removePostgresData(dir.postgres);
  removePostgresData(`${dir.postgres}.draft`);
  // By name: LOCAL_DIR may be a folder that also holds what is not ours.
  for (const path of [dir.redis, dir.sandbox, dir.password, dir.ports, dir.processes, dir.lock]) {
    rmSync(path, { recursive: true, force: true });
  }
  if (readdirSync(dir.path).length === 0) rmdirSync(dir.path);
}
