const HEAD_END = '\r\n\r\n';
const STATUS_AT = 'HTTP/1.1 '.length;
const LENGTH = /\r\ncontent-length: *(\d+)/i;
const LAST = /\r\nconnection: *close/i;
const NO_BODY = new Set([204, 304]);

/** The length of a body by its head; an error where the head does not say. */
function lengthOf(head: string, status: number): number {
  if (NO_BODY.has(status)) return 0;
  const [, length] = LENGTH.exec(head) ?? [];
  if (length === undefined) throw new Error(`An answer without Content-Length: ${head}`);
  return Number(length);
}

/**
 * Reads the answers of one connection on which one request at a time is under way, and tells each one's status when its last
 * byte has come, and whether it is the last one on this connection. It knows what the builds here send, so that it costs
 * little: what comes in chunks, or ends with the connection, is an error.
 */
export function answerReader(ended: (status: number, last: boolean) => void): (bytes: Buffer) => void {
  let head = '';
  let status = 0;
  let last = false;
  let missing = 0;
  return (bytes) => {
    if (missing > 0) {
      missing -= bytes.length;
    } else {
      // One character a byte.
      head += bytes.toString('latin1');
      const end = head.indexOf(HEAD_END);
      if (end < 0) return;
      status = Number(head.slice(STATUS_AT, STATUS_AT + 3));
      const fields = head.slice(0, end);
      last = LAST.test(fields);
      missing = lengthOf(fields, status) - (head.length - end - HEAD_END.length);
      head = '';
    }
    if (missing < 0) throw new Error('An answer is longer than it says.');
    if (missing === 0) ended(status, last);
  };
}
