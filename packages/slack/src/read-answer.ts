/** Far more than a page of history has, in bytes; a longer answer would only fill our memory. */
const MAX_ANSWER = 20 * 1024 * 1024;

/** An answer that is too large to be read. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

async function collect(reader: ReadableStreamDefaultReader<Uint8Array>, signal: AbortSignal): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    signal.throwIfAborted();
    if (done) return Buffer.concat(chunks);
    size += value.length;
    if (size > MAX_ANSWER) throw new AnswerTooLarge(`the answer is larger than ${String(MAX_ANSWER)} bytes`);
    chunks.push(value);
  }
}

/**
 * Reads a whole answer; rejects when the signal ends, and with `AnswerTooLarge` beyond 20 MB, and then leaves the
 * connection. Node's fetch holds its signal only weakly once the answer has begun: after a garbage collection an answer
 * that goes on for ever would be read for ever.
 */
export async function readAnswer(response: Response, signal: AbortSignal): Promise<Response> {
  signal.throwIfAborted();
  const { body, status, headers } = response;
  if (body === null) return response;
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  const leave = (): void => {
    reader.cancel(signal.reason).catch(() => undefined);
  };
  signal.addEventListener('abort', leave, { once: true });
  try {
    return new Response(await collect(reader, signal), { status, headers });
  } catch (error) {
    leave();
    throw error;
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
