import { waitFor } from '@deptracker/testkit';
import { expect, it } from 'vitest';
import { CHANNEL } from '../../../packages/application/test/support/deployer.js';
import { effectOf } from '../../../packages/application/test/support/effects.js';
import { useBench } from './bench.js';

const bench = useBench();

it('a look-up that comes late reads what was posted around its request, not all that was posted since', async () => {
  const { deployer, sandbox, database } = bench();
  await bench().stopWorker();
  // More than a page, all of it posted an hour after the request.
  for (let index = 0; index < 220; index += 1) await sandbox.slack('chat.postMessage', { channel: CHANNEL, text: `${index}` });
  const id = await deployer.create();
  const { id: effectId } = await effectOf(database, id, 'slack.approval');
  await database.query(
    `UPDATE effects SET phase = 'unknown', sends = 1, lookups = 1, sent_at = now() - interval '1 hour',
       first_sent_at = now() - interval '1 hour', next_attempt_at = now() WHERE id = $1`,
    [effectId],
  );
  const before = await sandbox.calls('slack.conversations.history');
  await bench().startWorker();
  await waitFor(async () => (await effectOf(database, id, 'slack.approval')).phase === 'sent', { timeoutMs: 20_000, what: 'the message' });
  expect(await sandbox.calls('slack.conversations.history')).toBe(before + 1);
});
