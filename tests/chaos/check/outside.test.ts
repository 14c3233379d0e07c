import { describe, expect, it } from 'vitest';
import type { Ledger, Post, Ticket } from '../ledger.js';
import { checkMessages, checkTickets } from './outside.js';
import { ID, deploymentRow, effectRow, storedOf } from './stored-of.js';

const TICKET: Ticket = { id: 't1', key: 'OPS-1', seq: 1, at: 0, labels: [`dep-${ID}`], summary: 'p 1 → production', description: 'Approved: 1 of 1 required, bob@example.com', category: 'indeterminate', duplicateOf: null };
const POST: Post = { ts: '1', seq: 2, at: 0, kind: 'approval', effectId: 'a', threadTs: null, text: 'p 1: Approved', blocks: '*1 of 1* bob@example.com OPS-1', edits: 0, deleted: false };
const ledgerOf = (ticket: Ticket, post: Post) => ({ ticketsOf: () => [ticket], postsOf: () => [post] }) as unknown as Ledger;
const stored = storedOf({
  deployments: [deploymentRow({ status: 'approved', approval_status: 'approved' })],
  decisions: [{ deployment_id: ID, actor: 'bob@example.com', decision: 'approve' }],
  effects: [effectRow({ id: 'e' }), effectRow({ id: 'a', kind: 'slack.approval', external_id: '1' })],
  tickets: [{ deployment_id: ID, effect_id: 'e', issue_id: 't1', key: 'OPS-1', url: 'u', status_category: 'indeterminate' }],
  messages: [{ effect_id: 'a', ts: '1' }],
});

const problems = (ticket: Partial<Ticket>, post: Partial<Post>): string[] => {
  const ledger = ledgerOf({ ...TICKET, ...ticket }, { ...POST, ...post });
  return [...checkTickets(stored, ledger).problems, ...checkMessages(stored, ledger).problems];
};

describe('what stands outside', () => {
  it('is sound where ticket and message say what is stored', () => {
    expect(problems({}, {})).toEqual([]);
  });

  it.each([
    ['a ticket whose text an older edit has overwritten', { description: 'Pending: 0 of 1 required' }, {}, /does not say: Approved: 1 of 1/],
    ['a ticket that names nobody', { description: 'Approved: 1 of 1 required' }, {}, /does not say: bob/],
    ['a message without its ticket', {}, { blocks: '*1 of 1* bob@example.com' }, /does not name the ticket OPS-1/],
    ['a message of before', {}, { text: 'p 1: Waiting for approval' }, /its message says/],
  ] as const)('is not sound with %s', (_, ticket, post, problem) => {
    expect(problems(ticket, post)).toContainEqual(expect.stringMatching(problem));
  });
});
