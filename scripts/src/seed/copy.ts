import type pg from 'pg';
import type { Table } from './tables.js';

// A backend takes a message of at most 1 GB; smaller ones let it work while the rest is under way.
const CHUNK_ROWS = 2_000;

/** What a connection of pg has for COPY, which its types leave out. */
interface Connection {
  query(sql: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** `COPY … FROM STDIN` (https://www.postgresql.org/docs/current/sql-copy.html), several times as fast as INSERT. */
class CopyIn implements pg.Submittable {
  readonly done: Promise<void>;
  readonly #sql: string;
  readonly #rows: readonly string[];
  #connection: Connection | undefined;
  #resolve: () => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(table: Table, rows: readonly string[]) {
    this.#sql = `COPY ${table.name} (${table.columns.join(', ')}) FROM STDIN`;
    this.#rows = rows;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: pg.Connection): void {
    this.#connection = connection as unknown as Connection;
    this.#connection.query(this.#sql);
  }

  // The rest is called by the client, by these names.
  handleCopyInResponse(): void {
    for (let from = 0; from < this.#rows.length; from += CHUNK_ROWS) {
      this.#connection?.sendCopyFromChunk(Buffer.from(this.#rows.slice(from, from + CHUNK_ROWS).join('')));
    }
    this.#connection?.endCopyFrom();
  }

  handleError(error: Error): void {
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve();
  }

  handleCommandComplete(): void {
    return;
  }
}

/** Writes rows of one table. */
export async function copyRows(client: pg.Client, table: Table, rows: readonly string[]): Promise<void> {
  await client.query(new CopyIn(table, rows)).done;
}
