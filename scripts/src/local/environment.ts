import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'dotenv';

/** The checkout's root folder. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Environment variables that are set; none of them is empty. */
export type Variables = Readonly<Record<string, string>>;

/** What is set in the environment, and below that in the file `.env` if there is one. */
export function readEnvironment(): Variables {
  const file = join(ROOT, '.env');
  const fromFile = existsSync(file) ? parse(readFileSync(file)) : {};
  return { ...withoutEmpty(fromFile), ...withoutEmpty(process.env) };
}

function withoutEmpty(env: NodeJS.ProcessEnv): Variables {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined || value.trim() === '' ? [] : [[name, value]])),
  );
}
