import type { Approval } from '@deptracker/domain';
import { STATUSES, STATUS_RULES } from '@deptracker/domain';
import { type SlackMessage, approvalMessage } from '@deptracker/views';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ID, anyDeployment, anyText, decision, deployment, later } from './fixtures.js';
import { expectPostable, textsOf } from './slack-limits.js';

const all = ({ blocks }: SlackMessage): string => blocks.flatMap(textsOf).join('\n');
const approval = (changes: Partial<Approval>): Approval => ({ ...deployment().approval, ...changes });

describe('the approval message', () => {
  it('says what is asked for, by whom, and how far it is', () => {
    const ticket = { key: 'OPS-1', url: 'https://jira.example.com/browse/OPS-1' };
    const asked = deployment({
      description: 'Faster sign-in & fewer <errors>',
      links: [{ title: 'Build 77', url: 'https://ci.example.com/77?a=1&b=2' }],
      approval: approval({ decisions: [decision()] }),
    });
    const message = approvalMessage(asked, { ticket });
    expect(message.text).toBe(':hourglass_flowing_sand: Waiting for approval: user-service 1.4.2 → production');
    const header = { type: 'plain_text', text: message.text, emoji: true };
    expect(message.blocks[0]).toEqual({ type: 'header', text: header });
    const text = all(message);
    expect(text).toContain('*Commit*\n`abc1234`');
    expect(text).toContain('*Ref*\n`main`');
    expect(text).toContain('*Requested by*\nrita@example.com');
    expect(text).toContain('*Links*\n<https://ci.example.com/77?a=1&amp;b=2|Build 77>');
    expect(text).toContain('*Ticket*\n<https://jira.example.com/browse/OPS-1|OPS-1>');
    expect(text).toContain('Faster sign-in &amp; fewer &lt;errors&gt;');
    expect(text).toContain('*1 of 2 approvals* · alice@example.com approved “looks good”');
    const unix = String(later(86_400_000).getTime() / 1000);
    const expiry = `<!date^${unix}^{date_short_pretty} {time}|2026-03-05T05:06:07.000Z>`;
    expect(text).toContain(`May decide: anybody except the requester · expires ${expiry}`);
  });

  it('carries the deployment in both buttons while a decision is possible', () => {
    const { blocks } = approvalMessage(deployment(), { ticket: null });
    expect(blocks.at(-1)).toEqual({
      type: 'actions',
      block_id: 'deptracker_decision',
      elements: [
        {
          type: 'button',
          action_id: 'deptracker_approve',
          text: { type: 'plain_text', text: 'Approve', emoji: true },
          value: ID,
          style: 'primary',
        },
        {
          type: 'button',
          action_id: 'deptracker_reject',
          text: { type: 'plain_text', text: 'Reject', emoji: true },
          value: ID,
          style: 'danger',
        },
      ],
    });
  });

  it.each(['approved', 'rejected', 'expired', 'cancelled', 'not_required'] as const)(
    'has neither buttons nor an expiry once the approval is %s',
    (status) => {
      const message = approvalMessage(deployment({ approval: approval({ status }) }), { ticket: null });
      expect(message.blocks.map(({ type }) => type)).not.toContain('actions');
      expect(all(message)).not.toContain('<!date');
    },
  );

  it.each(STATUSES)('shows the face of %s first', (status) => {
    const { text } = approvalMessage(deployment({ status, project: 'p'.repeat(900) }), { ticket: null });
    expect(text.startsWith(`${STATUS_RULES[status].emoji} `)).toBe(true);
    expect(text.toLowerCase()).toContain(STATUS_RULES[status].label);
    expect(text).toMatch(/…$/);
  });

  it('says so where no requester was given and nobody can be excluded', () => {
    const nobody = approvalMessage(deployment({ requestedBy: null }), { ticket: null });
    expect(all(nobody)).toContain('not given, so nobody is excluded from deciding');
    const open = deployment({ requestedBy: null, approval: approval({ requesterMayApprove: true }) });
    expect(all(approvalMessage(open, { ticket: null }))).toContain('*Requested by*\nnot given');
    expect(all(approvalMessage(open, { ticket: null }))).not.toContain('excluded');
  });

  it('names the eligible, and mentions who is known only to Slack', () => {
    const decisions = [decision({ actor: 'slack:T1:U2', reason: null })];
    const eligible = ['a@example.com', 'b@example.com'];
    const asked = deployment({ approval: approval({ eligible, decisions }) });
    expect(all(approvalMessage(asked, { ticket: null }))).toContain('· <@U2> approved');
    expect(all(approvalMessage(asked, { ticket: null }))).toContain('May decide: a@example.com, b@example.com except');
  });

  it('makes a link only of a web address', () => {
    const links = [
      { title: 'bad', url: 'javascript:alert(1)' },
      { title: 'worse', url: 'not an address' },
      { title: 'a|b', url: 'https://x.example/<!channel>|y z' },
    ];
    const text = all(approvalMessage(deployment({ links }), { ticket: null }));
    expect(text).toContain('*Links*\nbad\nworse\n<https://x.example/%3C!channel%3E%7Cy%20z|a|b>');
  });

  it('drops what would reorder or hide the text that a person decides by', () => {
    const { text } = approvalMessage(deployment({ version: '1.0\u202E\u0000\u20660\r\n.2' }), { ticket: null });
    expect(text).toContain('user-service 1.00 .2 → production');
  });

  it('keeps every limit and escapes everything, whatever it is given', () => {
    const ticket = fc.option(fc.record({ key: anyText, url: anyText }), { nil: null });
    fc.assert(
      fc.property(anyDeployment, ticket, (any, known) => {
        expectPostable(approvalMessage(any, { ticket: known }));
      }),
    );
  });
});
