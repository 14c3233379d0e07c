import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { History } from '../history.js';
import { Ledger } from '../ledger.js';
import { checkListed, checkShown } from './answers.js';
import { givenUpWrongly } from './given-up.js';
import { checkDecisions } from './life.js';
import { checkOrders } from './orders.js';
import { checkComments } from './outside.js';
import { ID, deploymentRow, effectRow, moveTo, storedOf } from './stored-of.js';
import { checkUpdates } from './updates.js';

const COMMENT = '01a1f9c1-0000-7000-8000-00000000000c';

let folder: string;
let ledger: Ledger;
let seq = 0;

const write = (type: string, change: object, at = 0): void => {
  seq += 1;
  appendFileSync(join(folder, 'ledger'), `${JSON.stringify({ seq, at: new Date(at).toISOString(), type, change })}\n`);
};
const comment = (id: string, issueId: string): void => {
  write('comment.added', { id: issueId, comment: { id, body: { text: `deptracker:${COMMENT}` } } });
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deptracker-checks-'));
  ledger = new Ledger(join(folder, 'ledger'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('a comment', () => {
  const stored = storedOf({
    effects: [effectRow({ id: COMMENT, kind: 'jira.comment', external_id: 'c1', sends: 2 })],
    tickets: [{ deployment_id: ID, effect_id: 'e', issue_id: 't1', key: 'OPS-1', url: 'u', status_category: 'new' }],
  });

  it('that stands once on its ticket is sound', () => {
    comment('c1', 't1');
    expect(checkComments(stored, ledger.read())).toEqual([]);
  });

  it('that stands twice, on another ticket, or nowhere is a problem', () => {
    write('message.deleted', { ts: 'none' });
    expect(checkComments(stored, ledger.read())).toEqual([expect.stringMatching(/^LOST/)]);
    comment('c1', 't2');
    expect(checkComments(stored, ledger.read())).toEqual([expect.stringMatching(/stands on t2/)]);
    comment('c2', 't1');
    expect(checkComments(stored, ledger.read())).toEqual([expect.stringMatching(/^DUPLICATE/)]);
  });
});

describe('a give-up', () => {
  const claims = (effectId: string) =>
    ['sending', 'unknown', 'unknown', 'unknown', 'unsent', 'sending', 'unknown', 'unknown', 'unknown', 'held'].map((after, index, all) => ({
      effect_id: effectId,
      before: all[index - 1] ?? 'unsent',
      after,
      intent: after === 'sending',
      at: new Date(index),
    }));
  const approval = effectRow({ id: COMMENT, kind: 'slack.approval', phase: 'held', sends: 2, last_error: 'no answer to 2 requests and nothing found' });
  const reply = effectRow({ id: 'r', kind: 'slack.reply', phase: 'dead', parent_id: COMMENT, last_error: 'the message to reply to was never posted' });
  const stored = storedOf({ effects: [approval, reply], steps: [...claims(COMMENT), { effect_id: 'r', before: 'unsent', after: 'dead', intent: false, at: new Date(20) }] });
  const posted = (at: number): void => {
    const metadata = { event_type: 'deptracker_approval', event_payload: { effect_id: COMMENT } };
    write('message.posted', { message: { ts: '1', text: '', blocks: [], threadTs: null, metadata } }, at);
  };

  it('of a message that came after the last look, and of its reply, is right', () => {
    posted(9);
    ledger.read();
    expect([approval, reply].map((one) => givenUpWrongly(one, stored, ledger, new History()))).toEqual([null, null]);
  });

  it('of a message that stood, and of its reply, is a problem', () => {
    posted(7);
    ledger.read();
    for (const one of [approval, reply]) expect(givenUpWrongly(one, stored, ledger, new History())).toMatch(/stood outside/);
  });

  it('with fewer requests, or for any other reason, is a problem', () => {
    expect(givenUpWrongly({ ...approval, sends: 1 }, stored, ledger, new History())).toBe('after 1 requests');
    expect(givenUpWrongly({ ...approval, last_error: 'http_400' }, stored, ledger, new History())).toBe('without a good reason');
    expect(givenUpWrongly({ ...reply, parent_id: 'other' }, stored, ledger, new History())).toBe('without a good reason');
  });
});

describe('an answer', () => {
  it('to a press has to come in the end', () => {
    const history = new History();
    history.presses.push({ deploymentId: ID, email: 'alice@example.com', decision: 'approve', acknowledged: false, answer: 503 });
    expect(checkDecisions(history, storedOf({ deployments: [deploymentRow()] }))).toEqual([expect.stringMatching(/never answered, or in the end with 503/)]);
  });

  it('to the same order is the same', () => {
    const history = new History();
    const answers = new Set([JSON.stringify({ id: ID, revision: 1 }), JSON.stringify({ id: ID, revision: 2 })]);
    history.orders.push({ name: 'o', body: { version: '1' }, keyed: true, tries: 2, ids: new Set([ID]), answers });
    expect(checkOrders(history, storedOf({ deployments: [deploymentRow()] }))).toContainEqual(expect.stringMatching(/answered differently/));
  });

  it.each([
    ['from where it was allowed', 'approved', 'in_progress', 1_500, false],
    ['from where it never stood', 'failed', 'in_progress', 1_500, false],
    ['from where it stands only later', 'succeeded', 'failed', 1_500, false],
    ['from where it stood long before', 'pending', 'in_progress', 9_000, false],
    ['to what it has already', 'in_progress', 'in_progress', 9_550, false],
    ['from where it stood', 'pending', 'in_progress', 900, true],
    ['because the permission had lapsed', 'expired', 'in_progress', 9_000, true],
    ['because it had lapsed, too early', 'expired', 'in_progress', 2_900, false],
  ] as const)('that refuses a status %s', (_how, from, status, at, right) => {
    const history = new History();
    history.updates.push({ deploymentId: ID, status, answer: 409, refused: { from, askedAt: at, answeredAt: at } });
    const decision = { actor: 'alice@example.com', decision: 'approve' };
    const events = [moveTo('pending', 0), moveTo('approved', 1_000, { decision }), moveTo('in_progress', 9_500), moveTo('succeeded', 9_600)];
    expect(checkUpdates(history, storedOf({ deployments: [deploymentRow()], events }))).toHaveLength(right ? 0 : 1);
  });

  it('shows what is stored', () => {
    const row = deploymentRow();
    const stored = storedOf({ deployments: [row], decisions: [{ deployment_id: ID, actor: 'bob@example.com', decision: 'approve' }] });
    const { id, revision, project, environment, version, description, source, metadata, status } = row;
    const approval = { status: 'pending', required: 1, decisions: [{ actor: 'bob@example.com', decision: 'approve' }] };
    const body = {
      ...{ id, revision, project, environment, version, description, source, metadata, status, approval },
      ...{ requestedBy: null, externalId: null, createdAt: row.created_at.toISOString(), ticket: null, messages: [] },
    };
    expect(checkShown(row, stored, { status: 200, body })).toEqual([]);
    expect(checkListed(stored, { status: 200, body: { data: [body], nextCursor: null } })).toEqual([]);
    for (const wrong of [{ status: 'approved' }, { revision: 2 }, { approval: { ...approval, decisions: [] } }, { ticket: { key: 'OPS-1', url: 'u' } }]) {
      expect(checkShown(row, stored, { status: 200, body: { ...body, ...wrong } })).not.toEqual([]);
    }
    expect(checkListed(stored, { status: 200, body: { data: [], nextCursor: null } })).toHaveLength(1);
  });
});
