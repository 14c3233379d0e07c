import { randomUUID } from 'node:crypto';
import type { TemplatePurpose } from '@deptracker/domain';
import { insertTemplate } from '@deptracker/store';
import { waitFor } from '@deptracker/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { useBench } from './bench.js';

const bench = useBench();

afterEach(() => bench().database.query('DELETE FROM templates'));

const stored = (purpose: TemplatePurpose, body: string): Promise<unknown> =>
  bench().database.transaction((uow) => insertTemplate(uow, { id: randomUUID(), purpose, project: null, body }));

async function made(fields: object = {}): Promise<{ id: string; summary: string; description: string }> {
  const id = await bench().deployer.create(fields);
  await bench().settled();
  const { fields: shown } = await bench().issue(id);
  return { id, summary: shown.summary as string, description: JSON.stringify(shown.description) };
}

describe('templates of tickets', () => {
  it('that are stored while the worker runs show in the next ticket, and in an old one when its deployment changes', async () => {
    const old = await made({ version: '1.0.0' });
    expect(old.summary).toBe('user-service 1.0.0 → production');
    await stored('ticket-description', 'Ask the *owner*.\n\n{{deployment.description}}');
    await stored('ticket-summary', 'Change: {{deployment.project}} {{deployment.version}}');
    const { description } = await waitFor(async () => {
      const one = await made({ version: '2.0.0', description: 'Why & how' });
      return one.summary === 'Change: user-service 2.0.0' && one;
    }, { timeoutMs: 5_000, what: 'the template to be in force' });
    for (const said of ['Ask the *owner*.', 'Why & how', 'carol@example.com', 'Approval']) expect(description).toContain(said);

    expect((await bench().issue(old.id)).fields.summary).toBe('user-service 1.0.0 → production');
    await bench().deployer.decide(old.id, 'approve', 'alice@example.com');
    await bench().settled();
    expect((await bench().issue(old.id)).fields.summary).toBe('Change: user-service 1.0.0');
  });

  it('that this version does not take are passed over', async () => {
    await stored('ticket-summary', '{{deployment.gone}}');
    await stored('ticket-description', 'marked');
    const { summary } = await waitFor(async () => {
      const one = await made({ version: '3.0.0' });
      return one.description.includes('marked') && one;
    }, { timeoutMs: 5_000, what: 'the template to be in force' });
    expect(summary).toBe('user-service 3.0.0 → production');
  });
});
