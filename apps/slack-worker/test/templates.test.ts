import { randomUUID } from 'node:crypto';
import type { TemplatePurpose } from '@deptracker/domain';
import { deleteTemplate, insertTemplate, lockTemplate, saveTemplateBody } from '@deptracker/store';
import { waitFor } from '@deptracker/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { useBench } from './bench.js';

const bench = useBench({}, { policy: { approvalsRequired: 2 } });

afterEach(() => bench().database.query('DELETE FROM templates'));

async function stored(purpose: TemplatePurpose, body: string, project: string | null = null): Promise<string> {
  const template = await bench().database.transaction((uow) => insertTemplate(uow, { id: randomUUID(), purpose, project, body }));
  return template?.id ?? '';
}

/** The blocks of the approval message of a deployment that is made now. */
async function asked(fields: object = {}): Promise<{ id: string; shown: string }> {
  const id = await bench().deployer.create(fields);
  await bench().settled();
  return { id, shown: JSON.stringify((await bench().message(id)).blocks) };
}

/** Within five seconds messages that are made anew say this; returns the deployment of the first that did. */
const inForce = (words: string, fields: object = {}): Promise<string> =>
  waitFor(async () => {
    const { id, shown } = await asked(fields);
    return shown.includes(words) && id;
  }, { timeoutMs: 5_000, what: `messages to say ${words}` });

/** Edits of messages so far. */
const edits = async (): Promise<number> => (await bench().sandbox.applied('message.updated')).length;

describe('a template that is changed while the worker runs', () => {
  it('shows in the next message: stored, changed and deleted', async () => {
    await asked();
    const id = await stored('approval', 'Ask *{{deployment.requestedBy}}* about {{deployment.version}}');
    await inForce('Ask *carol@example.com* about');
    await bench().database.transaction(async (uow) => {
      const template = await lockTemplate(uow, id);
      if (template !== null) await saveTemplateBody(uow, template, 'Second words');
    });
    await inForce('Second words');
    await bench().database.transaction((uow) => deleteTemplate(uow, id));
    await waitFor(async () => !(await asked()).shown.includes('Second words'), { timeoutMs: 5_000, what: 'the built-in template' });
  });

  it('leaves messages that stand as they are until their deployment changes', async () => {
    const { id } = await asked({ description: 'old words' });
    await stored('approval', 'new words');
    await inForce('new words');
    expect(JSON.stringify((await bench().message(id)).blocks)).toContain('old words');
    expect(await edits()).toBe(0);
    await bench().deployer.decide(id, 'approve', 'alice@example.com');
    await bench().settled();
    const shown = JSON.stringify((await bench().message(id)).blocks);
    expect(shown).toContain('new words');
    expect(shown).toMatch(/1 of 2 approvals.*alice@example\.com approved/);
    expect(shown).toContain('deptracker_approve');
  });

  it('holds for its project where it is for one', async () => {
    await stored('approval', 'for everybody');
    await stored('approval', 'for billing', 'billing');
    await inForce('for billing', { project: 'billing' });
    expect((await asked()).shown).toContain('for everybody');
  });

  it('shows in replies and notices', async () => {
    await stored('notice', '{{#thread}}re {{/thread}}{{deployment.version}}! {{event.sentence}}');
    await stored('approval', 'marked');
    const id = await inForce('marked', { version: '9.1.0' });
    await bench().deployer.decide(id, 'reject', 'bob@example.com', 'no <!channel>');
    await bench().settled();
    const { ts } = await bench().message(id);
    expect(await bench().replies(ts)).toEqual(['re 9.1.0! rejected by bob@example.com: no &lt;!channel&gt;']);
  });
});

describe('a stored template that this version does not take any more', () => {
  it('is passed over, and everything is sent', async () => {
    await stored('approval', '{{deployment.gone}}');
    await stored('notice', '{{#thread}}broken');
    await stored('ticket-fax' as TemplatePurpose, 'from a newer version');
    // Words of its own: those of other tests may still be in force for a moment.
    await stored('approval', 'beside the broken ones', 'billing');
    await inForce('beside the broken ones', { project: 'billing' });
    const { id, shown } = await asked({ description: 'plain words' });
    expect(shown).toContain('plain words');
    await bench().deployer.decide(id, 'reject', 'bob@example.com', 'no');
    await bench().settled();
    expect(await bench().replies((await bench().message(id)).ts)).toEqual([':no_entry: Rejected by bob@example.com: no']);
  });
});
