// Loaded with --import into a process under test: its Date is off by the milliseconds in the file that CLOCK_FILE names.
// The file is read at the start and again at SIGUSR2. Timers and the database's clock are left alone.
import { readFileSync } from 'node:fs';

const file = process.env['CLOCK_FILE'];
const RealDate = Date;
let offset = 0;

function read() {
  try {
    offset = Number(readFileSync(file ?? '', 'utf8')) || 0;
  } catch {
    offset = 0;
  }
}

read();
process.on('SIGUSR2', read);

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + offset);
    else super(...args);
  }

  static now() {
    return RealDate.now() + offset;
  }
};
