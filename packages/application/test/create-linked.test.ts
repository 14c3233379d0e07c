import { createLinkedDeployments } from '@deptracker/application';
import { type Database, newId } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deployer, open } from './support/deployer.js';

let own: TestDatabase;
let database: Database;

beforeAll(async () => {
  own = await testDatabase();
  database = open(own.url);
});

afterAll(async () => {
  await database.close();
  await own.drop();
});

describe('a promotion', () => {
  it('that is answered again is announced, since another process may have created it of which this one has not heard', async () => {
    const deployer = new Deployer(database);
    const id = await deployer.create();
    await deployer.finish(id);
    const asked = { requestedBy: 'carol@example.com', source: null, externalId: null, description: null, links: [], metadata: {} };
    const linked = createLinkedDeployments({ database, idempotencyTtlSeconds: 60, create: deployer.run });
    const command = { id, asked, environment: 'staging', idempotencyKey: newId(), requestId: null, expectedRevision: null };
    const first = await linked.promote(command);
    const heard: string[] = [];
    const leave = database.subscribe({ changed: (notice) => heard.push(notice.id), missed: () => undefined });
    const again = await linked.promote(command);
    leave();
    expect([again.replayed, again.deployment.id]).toEqual([true, first.deployment.id]);
    expect(heard).toEqual([first.deployment.id]);
  });
});
