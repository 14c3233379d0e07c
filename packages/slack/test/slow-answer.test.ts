import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type FakeSlack, silence, stall, startFakeSlack } from './fake-slack.js';
import { clientOf, failureOf } from './set-up.js';

const TIMEOUT_MS = 1_000;
const CLEAR_EVERY_MS = 20;
const UNKNOWN = { certainty: 'unknown', fault: 'vendor' };

setFlagsFromString('--expose_gc');
const clearMemory = runInNewContext('gc') as () => void;

let server: FakeSlack;
let clearing: NodeJS.Timeout;

beforeAll(async () => {
  server = await startFakeSlack();
});

afterAll(async () => {
  await server.stop();
});

// Between the beginning of an answer and the time-out Node may forget whatever nobody holds.
beforeEach(() => {
  clearing = setInterval(clearMemory, CLEAR_EVERY_MS);
});

afterEach(() => {
  clearInterval(clearing);
});

/** More than anybody would read. */
const huge: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const more = (): void => {
    while (response.writable && response.write(' '.repeat(64 * 1024)));
  };
  response.on('drain', more);
  more();
};

const post = (answer: Answer, timeoutMs: number): ReturnType<typeof failureOf> => {
  server.answer('chat.postMessage', answer);
  return failureOf(clientOf(server.apiUrl, timeoutMs).slack.postMessage({ channel: 'C1', text: 'hello' }, { maxWaitMs: 0 }));
};

describe('an answer', () => {
  it.each<[string, Answer]>([
    ['does not come', silence],
    ['begins and does not end', stall],
  ])('that %s ends with the time-out, also where memory is cleared meanwhile', async (_, answer) => {
    const failures = await Promise.all(Array.from({ length: 5 }, () => post(answer, TIMEOUT_MS)));
    for (const failure of failures) expect(failure).toMatchObject({ ...UNKNOWN, code: 'timeout' });
  });

  it('that is larger than 5 MB leaves the outcome unknown', async () => {
    expect(await post(huge, 20_000)).toMatchObject({ ...UNKNOWN, code: 'unparsable' });
  });
});
