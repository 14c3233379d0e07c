import { type TcpProxy, startTcpProxy, waitFor } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, startTestApi } from './support/start-test-api.js';

let proxy: TcpProxy;
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({}, async ({ url }) => {
    proxy = await startTcpProxy({ to: url });
    return proxy.url;
  });
});
afterAll(async () => {
  await api.stop();
  await proxy.stop();
});

const get = (id: string, headers?: Record<string, string>) => api.call('GET', `/api/deployments/${id}`, undefined, headers);

describe('deployments that are asked for at once', () => {
  it('are each answered with their own, and only what there is not with 404', async () => {
    const all = await Promise.all(['a', 'b', 'c'].map((project) => api.create({ project })));
    const nowhere = '00000000-0000-7000-8000-000000000000';
    const answers = await Promise.all([...all.map(({ id }) => get(id)), get(nowhere), ...all.map(({ id }) => get(id))]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 404, 200, 200, 200]);
    expect(answers.filter(({ status }) => status === 200).map(({ body }) => body)).toEqual([...all, ...all]);
  });

  it('are 304 to each who knows theirs', async () => {
    const [one, other] = await Promise.all([api.create({ project: 'd' }), api.create({ project: 'e' })]);
    const tag = (await get(one.id)).headers.get('etag') ?? '';
    const known = { 'If-None-Match': tag };
    expect((await Promise.all([get(one.id, known), get(other.id, known)])).map(({ status }) => status)).toEqual([304, 200]);
  });

  it('are 503 to all while the database is away, and there again when it is back', async () => {
    const all = await Promise.all(['f', 'g', 'h'].map((project) => api.create({ project })));
    proxy.reset();
    const away = await Promise.all(all.map(({ id }) => get(id)));
    expect(away.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual(Array(3).fill([503, '2']));
    proxy.pass();
    await waitFor(async () => (await get(all[0].id)).status === 200);
    expect((await Promise.all(all.map(({ id }) => get(id)))).map(({ body }) => body)).toEqual(all);
  });
});
