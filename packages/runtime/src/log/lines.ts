import type { Writable } from 'node:stream';
import Transport from 'winston-transport';

/** A log entry with its line as it is to be written. */
export interface LineInfo {
  readonly level: string;
  readonly message: string;
  readonly line: string;
}

/** So much is not kept waiting for the end of the loop's turn. */
const MOST_CHARACTERS = 64 * 1024;

const guarded = new WeakSet<Writable>();

/** A reader that went away (`| head`, a launcher that died) or a full disk must not take the process with it. */
function surviveErrors(stream: Writable): void {
  if (guarded.has(stream)) return;
  guarded.add(stream);
  stream.on('error', () => undefined);
}

/**
 * Winston's transport to a stream. Lines of one turn of the event loop are written together, since each writing is a
 * system call; warnings and errors take along what waits at once. A process that is killed loses that turn's lines at
 * most, one that exits loses none.
 */
export class Lines extends Transport {
  #text = '';

  constructor(private readonly stream: Writable) {
    super();
    surviveErrors(stream);
    if (stream === process.stdout) process.once('exit', () => this.flush());
  }

  override log({ level, line }: LineInfo, next: () => void): void {
    if (this.#text === '') setImmediate(() => this.flush());
    this.#text += `${line}\n`;
    if (level === 'error' || level === 'warn' || this.#text.length > MOST_CHARACTERS) this.flush();
    next();
  }

  /** Hands over what waits, now. */
  flush(): void {
    const text = this.#text;
    this.#text = '';
    if (text !== '') this.stream.write(text);
  }
}
