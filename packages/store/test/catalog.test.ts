import { PLAIN_ENVIRONMENT, plainProject } from '@deptracker/domain';
import {
  type Database,
  findEnvironment,
  findProject,
  insertEnvironment,
  insertProject,
  listEnvironments,
  listProjects,
  lockProject,
  saveEnvironment,
  saveProject,
} from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { open } from './build.js';

let test: TestDatabase;
let database: Database;

beforeAll(async () => {
  test = await testDatabase();
  database = open(test.url);
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

beforeEach(async () => {
  await database.query('TRUNCATE projects, environments');
});

const FIRST = { after: null, limit: 200 } as const;

const addProject = (key: string, fields: object = {}) =>
  database.transaction((uow) => insertProject(uow, key, { ...plainProject(key), ...fields }));
const addEnvironment = (name: string, fields: object = {}) =>
  database.transaction((uow) => insertEnvironment(uow, name, { ...PLAIN_ENVIRONMENT, ...fields }));

describe('projects', () => {
  it('come back as they were written, and only once', async () => {
    const fields = { name: 'Web', team: 'front', repositoryUrl: 'https://git.example.com/web', jiraProjectKey: 'WEB', defaultChannelId: 'C1' };
    expect(await addProject('web', fields)).toMatchObject({ key: 'web', revision: 1, ...fields, archivedAt: null });
    expect(await addProject('web', { name: 'Other' })).toBeNull();
    expect(await findProject(database, 'web')).toMatchObject(fields);
    expect(await findProject(database, 'Web')).toBeNull();
  });

  it('are saved as their next revision, and keep since when they are archived', async () => {
    await addProject('web');
    const save = (name: string, archived: boolean) =>
      database.transaction(async (uow) => {
        await lockProject(uow, 'web');
        return saveProject(uow, 'web', { ...plainProject('web'), name }, archived);
      });
    const archived = await save('One', true);
    expect(archived).toMatchObject({ revision: 2, name: 'One', archivedAt: expect.any(Date) as Date });
    expect(await save('Two', true)).toMatchObject({ revision: 3, archivedAt: archived.archivedAt });
    expect(await save('Two', false)).toMatchObject({ revision: 4, archivedAt: null });
  });

  it('are listed by the bytes of their keys, page by page, each once', async () => {
    const keys = ['b', 'B', 'a_1', 'a%1', 'a1', 'ä', 'a\\1', 'Z'];
    for (const key of keys) await addProject(key);
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { projects, next } = await listProjects(database, {}, { after, limit: 3 });
      seen.push(...projects.map(({ key }) => key));
      [after, more] = [next, next !== null];
    }
    expect(seen).toEqual([...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  it('are filtered by team, by being archived and by the beginning of their key as it is written', async () => {
    for (const key of ['a_1', 'a%1', 'ab1', 'A_1']) await addProject(key, { team: key.startsWith('a') ? 'one' : null });
    await database.query(`UPDATE projects SET archived_at = now() WHERE key = 'ab1'`);
    const keys = async (filter: object) => (await listProjects(database, filter, FIRST)).projects.map(({ key }) => key);
    expect(await keys({ q: 'a_' })).toEqual(['a_1']);
    expect(await keys({ q: 'a%' })).toEqual(['a%1']);
    expect(await keys({ q: 'a', archived: false })).toEqual(['a%1', 'a_1']);
    expect(await keys({ archived: true })).toEqual(['ab1']);
    expect(await keys({ team: 'one' })).toEqual(['a%1', 'a_1', 'ab1']);
    expect(await keys({ team: 'two' })).toEqual([]);
  });
});

describe('environments', () => {
  it('come back as they were written, with a policy that may leave each field open', async () => {
    const approvalPolicy = { required: 2, eligible: ['ann@example.com', 'bob@example.com'], requesterMayApprove: null, ttlSeconds: 60, timeoutSeconds: null };
    const fields = { rank: 3, production: true, approvalPolicy };
    expect(await addEnvironment('production', fields)).toMatchObject({ revision: 1, ...fields });
    expect(await addEnvironment('production')).toBeNull();
    expect(await findEnvironment(database, 'production')).toMatchObject(fields);
    const saved = await database.transaction((uow) => saveEnvironment(uow, 'production', PLAIN_ENVIRONMENT, true));
    expect(saved).toMatchObject({ revision: 2, ...PLAIN_ENVIRONMENT, archivedAt: expect.any(Date) as Date });
  });

  it('are listed by rank and name, page by page, each once', async () => {
    const all = [['dev', 0], ['b', 5], ['B', 5], ['ä', 5], ['production', 9], ['a_1', 9]] as const;
    for (const [name, rank] of all) await addEnvironment(name, { rank, production: rank === 9 });
    const seen: string[] = [];
    for (let after: { rank: number; name: string } | null = null, more = true; more; ) {
      const { environments, next } = await listEnvironments(database, {}, { after, limit: 2 });
      seen.push(...environments.map(({ name }) => name));
      [after, more] = [next, next !== null];
    }
    expect(seen).toEqual(['dev', 'B', 'b', 'ä', 'a_1', 'production']);
    const names = async (filter: object) => (await listEnvironments(database, filter, FIRST)).environments.map(({ name }) => name);
    expect(await names({ production: true })).toEqual(['a_1', 'production']);
    expect(await names({ q: 'a_' })).toEqual(['a_1']);
    expect(await names({ archived: true })).toEqual([]);
  });
});
