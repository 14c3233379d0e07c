import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Program, wrkBinary } from '@deptracker/testkit';
import { type Requests, written } from './load-request.js';
import { SERIAL, takeSerials } from './serials.js';
import { type WrkReport, readReport } from './wrk-report.js';

export interface WrkRun {
  readonly url: string;
  readonly connections: number;
  /** Rounded to whole ones. */
  readonly seconds: number;
  readonly requests: Requests;
}

const SCRIPT = fileURLToPath(new URL('../../src/load/wrk.lua', import.meta.url));
const TIMEOUT = '30s';
/** More than any server here answers: numbers that a run takes in advance. */
const SERIALS_A_SECOND = 100_000;
/** Every microsecond that was measured, with its count. */
const LONGEST_OUTPUT = 256 * 1024 * 1024;
let found: Program | undefined;

/** Lets a wrk load one address; an error with what wrk complained of when it could not. */
export async function runWrk({ url, connections, seconds, requests }: WrkRun): Promise<WrkReport> {
  if (requests.length === 0) throw new Error('A load without requests.');
  const { command, env } = (found ??= wrkBinary());
  const length = Math.max(1, Math.round(seconds));
  const folder = await mkdtemp(join(tmpdir(), 'deptracker-wrk-'));
  try {
    const file = join(folder, 'requests');
    await writeFile(file, requests.map((request) => written(request, new URL(url).host)).join('\0'));
    const options = ['-t', '1', '-c', String(connections), '-d', `${length}s`, '--timeout', TIMEOUT, '-s', SCRIPT];
    const script = [file, SERIAL, String(takeSerials(length * SERIALS_A_SECOND))];
    const { stdout } = await promisify(execFile)(command, [...options, url, '--', ...script], { env, maxBuffer: LONGEST_OUTPUT });
    return readReport(stdout, connections);
  } catch (error) {
    throw new Error(`wrk against ${url} failed: ${messageOf(error)}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function messageOf(error: unknown): string {
  const { stderr = '', message } = error as Error & { readonly stderr?: string };
  return stderr.trim() || message;
}
