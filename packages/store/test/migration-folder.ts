import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of made-up migrations. */
export interface MigrationFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes one; each file is a name and what the module exports besides a `down` that does nothing. */
export async function migrationFolder(files: Readonly<Record<string, string>>): Promise<MigrationFolder> {
  const path = await mkdtemp(join(tmpdir(), 'deptracker-migrations-'));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(path, `${name}.mjs`), `${text}\nexport const down = async () => undefined;\n`);
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A migration of one statement. */
export const sql = (text: string): string => `export const up = (knex) => knex.raw(${JSON.stringify(text)});`;

/** One outside of a transaction, of several statements. */
export const concurrently = (...texts: readonly string[]): string =>
  `export const config = { transaction: false };
export const up = async (knex) => {
${texts.map((text) => `  await knex.raw(${JSON.stringify(text)});`).join('\n')}
};`;
