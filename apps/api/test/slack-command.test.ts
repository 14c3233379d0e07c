import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandForm } from './support/slack-payloads.js';
import { signed } from './support/slack-stub.js';
import { type Body, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;

async function runs(project: string, version: string, environment = 'live'): Promise<string> {
  const { id } = await api.create({ project, version, environment, requestedBy: 'rita@example.com' });
  for (const status of ['in_progress', 'succeeded']) await api.call('PUT', `/api/deployments/${id}`, { status });
  return id as string;
}

beforeAll(async () => {
  api = await startTestApi();
  await api.database.query(`INSERT INTO environments (name, approvals_required) VALUES ('live', 0)`);
});
afterAll(() => api.stop());

const send = (body: string) => api.call('POST', '/api/slack/webhook', body, signed(body));
async function ask(text: string): Promise<{ answer: Body; all: string }> {
  const { status, body } = await send(commandForm(text));
  expect([status, body.response_type]).toEqual([200, 'ephemeral']);
  return { answer: body, all: JSON.stringify(body) };
}

describe('/deployments', () => {
  it('lists the latest ten with status, version, who and links', async () => {
    for (let n = 0; n < 12; n += 1) await api.create({ project: 'many', version: `1.0.${n}`, requestedBy: 'rita@example.com', links: [{ title: 'Build 7', url: 'https://ci.example.com/7' }] });
    const { answer, all } = await ask('many');
    expect(answer.text).toBe('Latest deployments of many');
    expect(answer.blocks).toHaveLength(11);
    expect(answer.blocks[1].text.text).toMatch(/^:hourglass_flowing_sand: \*many\* 1\.0\.11 → production\nwaiting for approval · rita@example\.com · <!date.*<https:\/\/ci\.example\.com\/7\|Build 7>$/s);
    expect(all).not.toContain('1.0.1 ');
  });

  it('takes project and environment, an environment alone, and names in quotes', async () => {
    await runs('my service', '7.7.7');
    expect((await ask('“my service” live')).all).toContain('*my service* 7.7.7 → live');
    expect((await ask('"my service"')).all).toContain('7.7.7');
    expect((await ask('live')).answer.text).toBe('Latest deployments to live');
    expect((await ask('')).answer.text).toBe('Latest deployments');
  });

  it('says what runs where: the last version of each project that succeeded and stands', async () => {
    await runs('alpha', '1.0.0');
    await runs('alpha', '1.1.0');
    const back = await runs('beta', '2.0.0');
    const bad = await runs('beta', '2.1.0');
    const rollback = await api.call('POST', `/api/deployments/${bad}/rollback`, {});
    for (const status of ['in_progress', 'succeeded']) await api.call('PUT', `/api/deployments/${rollback.body.id}`, { status });
    expect(back).not.toBe(rollback.body.id);
    await api.create({ project: 'gamma', environment: 'live', version: '3.0.0' });
    const { answer, all } = await ask('what live');
    expect(answer.text).toBe('What runs in live');
    expect(all).toMatch(/\*alpha\* 1\.1\.0 · since.*\*beta\* 2\.0\.0 · since/s);
    expect(all).not.toMatch(/1\.0\.0|2\.1\.0|gamma/);
    expect((await ask('what nowhere')).all).toContain('Nothing is known to run in nowhere');
  });

  it.each([
    ['help', 'which version of what runs there'],
    ['HELP', 'which version of what runs there'],
    ['what', 'Of which environment?'],
    ['what a b', 'One environment at a time'],
    ['a b c', 'a project and an environment at most'],
    ['""', 'A name has 1 to 200'],
    ['nothing-like-it', 'There are no deployments of nothing-like-it'],
    ['<!channel>', '&lt;!channel&gt;'],
    ['&lt;!channel&gt;', 'There are no deployments of &lt;!channel&gt;.'],
    ['a\u0000b', 'There are no deployments of a to b'],
    ['x'.repeat(3000), 'A name has 1 to 200'],
  ])('answers %j helpfully', async (text, expected) => {
    expect((await ask(text)).all).toContain(expected);
  });

  it('goes by whatever name it has in this workspace', async () => {
    const { body } = await send(commandForm('help', { command: '/rollouts' }));
    expect(body.text).toContain('`/rollouts what production`');
  });

  it('that Slack would not send is refused', async () => {
    for (const odd of [{ command: 'deployments' }, { user_id: 'U\u0000' }, { command: '' }]) expect((await send(commandForm('', odd))).status).toBe(400);
  });
});
