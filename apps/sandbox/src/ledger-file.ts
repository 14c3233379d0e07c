import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseJson } from './json.js';

/** An append-only file of JSON lines. */
export interface LedgerFile {
  /** Adds a line before the caller is answered; a line that did not fit is taken back and the error raised. */
  append(line: object): void;
  /** Empties the file. */
  clear(): void;
  close(): void;
}

const MEMORY_ONLY: LedgerFile = { append: () => undefined, clear: () => undefined, close: () => undefined };

/**
 * Opens the ledger and hands every line to `replay`. A last line without its line end was torn by a kill: its call was
 * never answered, and it is cut off. Any other line that is not JSON raises an error with the line's number.
 *
 * @param path the file; undefined keeps everything in memory only
 */
export function openLedgerFile(path: string | undefined, replay: (line: unknown) => void): LedgerFile {
  if (path === undefined) return MEMORY_ONLY;
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a+');
  const content = readFileSync(path);
  let size = content.lastIndexOf('\n') + 1;
  if (size < content.length) ftruncateSync(file, size);
  const lines = content.subarray(0, size).toString('utf8').split('\n').slice(0, -1);
  for (const [index, text] of lines.entries()) {
    const line = parseJson(text);
    if (line === undefined)
      throw new Error(`${path}, line ${index + 1}: not JSON. Repair the line or remove the file.`);
    replay(line);
  }
  return {
    append: (line) => {
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      try {
        if (writeSync(file, bytes) !== bytes.length) throw new Error(`${path}: the disk took only part of a line.`);
        size += bytes.length;
      } catch (error) {
        ftruncateSync(file, size);
        throw error;
      }
    },
    clear: () => {
      ftruncateSync(file, 0);
      size = 0;
    },
    close: () => closeSync(file),
  };
}
