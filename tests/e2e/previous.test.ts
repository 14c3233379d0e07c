import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fleet } from './fleet.js';
import { type PreviousCode, buildPreviousCode } from './previous-code.js';

let previous: PreviousCode;
let fleet: Fleet | null = null;

beforeAll(async () => {
  previous = await buildPreviousCode();
  // Its database has the migrations of today.
  if ('root' in previous) fleet = await Fleet.start({}, previous.root);
});
afterAll(async () => {
  await fleet?.stop();
  if ('root' in previous) await previous.remove();
});

interface Shown {
  readonly status: string;
  readonly ticket: { readonly status: string | null } | null;
}

describe('the code from before the last migrations, on the schema of today', () => {
  it('creates, lists, takes clicks, delivers to both vendors, and hands over to the code of today', async (context) => {
    if (fleet === null) return context.skip('missing' in previous ? previous.missing : undefined);
    const id = await fleet.post({ version: '1.0.0' }, 'previous-1');
    await fleet.settled(30_000);
    expect(await fleet.post({ version: '1.0.0' }, 'previous-1')).toBe(id);
    expect((await fleet.request<{ data: { id: string }[] }>('GET', '/api/deployments?project=user-service')).body.data.map((one) => one.id)).toEqual([id]);
    expect(await fleet.click(id, 'deptracker_approve', 'U0ALICE')).toMatchObject({ body: { status: 200 } });
    expect((await fleet.request('PUT', `/api/deployments/${id}`, { status: 'in_progress' })).status).toBe(200);
    await fleet.settled(30_000);

    // As a rolling restart does, one process after the other; what the one has begun the other ends.
    const second = await fleet.post({ version: '2.0.0' }, 'previous-2');
    await fleet.upgrade();
    expect((await fleet.request('PUT', `/api/deployments/${id}`, { status: 'succeeded' })).status).toBe(200);
    await fleet.settled(30_000);
    const read = async (of: string): Promise<Shown> => (await fleet?.request<Shown>('GET', `/api/deployments/${of}`))?.body ?? { status: '', ticket: null };
    expect(await read(id)).toMatchObject({ status: 'succeeded', ticket: { status: 'Done' } });
    expect((await read(second)).status).toBe('pending');
    expect(await fleet.ticketLabels()).toEqual([id, second].map((one) => `dep-${one}`).sort());
    expect(await fleet.postedEffects('approval')).toHaveLength(2);
  });
});
