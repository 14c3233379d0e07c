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

const post = (answer: Answer): ReturnType<typeof failureOf> => {
  server.answer('chat.postMessage', answer);
  return failureOf(clientOf(server.apiUrl, TIMEOUT_MS).slack.postMessage({ channel: 'C1', text: 'hello' }, { maxWaitMs: 0 }));
};

describe('an answer', () => {
  it.each<[string, Answer]>([
    ['does not come', silence],
    ['begins and does not end', stall],
  ])('that %s ends with the time-out, also where memory is cleared meanwhile', async (_, answer) => {
    const failures = await Promise.all(Array.from({ length: 5 }, () => post(answer)));
    for (const failure of failures) expect(failure).toMatchObject({ ...UNKNOWN, code: 'timeout' });
  });
});
