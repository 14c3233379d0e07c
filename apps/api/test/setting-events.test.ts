import { recordSettingEvent } from '@deptracker/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Body, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const events = async (query = ''): Promise<Body> => (await api.call('GET', `/api/events${query}`)).body;

describe('the history of settings', () => {
  it('has what was changed, by whom and from what to what, newest first', async () => {
    const by = (actor: string) => ({ 'x-actor': actor });
    await api.call('PUT', '/api/configurations/approvals.ttl', { value: 60 }, by('alice@example.com'));
    await api.call('PUT', '/api/configurations/approvals.ttl', { value: 90 }, by('BOB@example.com'));
    await api.call('POST', '/api/channel-mappings', { project: 'a', environment: '*', channelId: 'C0A' }, by('alice@example.com'));
    await api.call('DELETE', '/api/configurations/approvals.ttl');
    const { data, nextCursor } = await events();
    expect(nextCursor).toBeNull();
    expect(data.map(({ type, actor, changes, subject }: Body) => [type, actor, changes ?? subject])).toEqual([
      ['configuration.reset', null, { value: { from: 90, to: null } }],
      ['channel_mapping.created', 'alice@example.com', { project: 'a', environment: '*', channelId: 'C0A' }],
      ['configuration.updated', 'bob@example.com', { value: { from: 60, to: 90 } }],
      ['configuration.updated', 'alice@example.com', { value: { from: null, to: 60 } }],
    ]);
  });

  it('is filtered, and read in pages without gaps', async () => {
    const types = async (query: string): Promise<string[]> => (await events(query)).data.map(({ type, revision }: Body) => `${type} ${revision}`);
    expect(await types('?subjectKind=channel_mapping')).toEqual(['channel_mapping.created 1']);
    expect(await types('?subjectId=approvals.ttl&actor=Bob@example.com')).toEqual(['configuration.updated 2']);
    expect(await types('?actor=alice@example.com')).toEqual(['channel_mapping.created 1', 'configuration.updated 1']);
    expect(await types('?subjectKind=template')).toEqual([]);
    // All at one moment, as those of one transaction are.
    await api.database.transaction(async (uow) => {
      for (let revision = 1; revision <= 7; revision += 1) {
        await recordSettingEvent(uow, { subjectKind: 'project', subjectId: 'p', revision, type: 'project.updated', actor: null, data: { changes: {} }, requestId: null });
      }
    });
    const paged: number[] = [];
    for (let query = '?subjectKind=project&limit=2'; query !== ''; ) {
      const { data, nextCursor } = await events(query);
      paged.push(...data.map(({ revision }: Body) => revision));
      query = nextCursor === null ? '' : `?subjectKind=project&limit=2&cursor=${nextCursor}`;
    }
    expect(paged).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  it('refuses filters that it does not know and cursors that are none', async () => {
    for (const query of ['?subjectKind=deployment', '?cursor=x', '?cursor=WyJ4IiwieSJd', '?from=2026-01-01', '?actor=']) {
      expect([query, (await api.call('GET', `/api/events${query}`)).status]).toEqual([query, 400]);
    }
  });
});
