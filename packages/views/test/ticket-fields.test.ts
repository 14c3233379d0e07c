import { commentBody, ticketFields, ticketLabel } from '@deptracker/views';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ID, anyDeployment, anyEvent, decision, deployment, event } from './fixtures.js';
import { expectAccepted, lines } from './jira-limits.js';

describe('the ticket', () => {
  it('says what is deployed, by whom, and who allowed it', () => {
    const decisions = [decision(), decision({ decision: 'reject', actor: 'bob@example.com', reason: null })];
    const { summary, description } = ticketFields(
      deployment({
        status: 'rejected',
        description: 'First line\nsecond line\n\nNext paragraph',
        retryOf: '01890a5d-0000-774b-bcce-b302099a8057',
        links: [{ title: 'Build 77', url: 'https://ci.example.com/77' }],
        approval: { ...deployment().approval, status: 'rejected', decisions },
      }),
    );
    expect(summary).toBe('user-service 1.4.2 → production');
    expect(lines(description)).toEqual([
      'First line\nsecond line',
      'Next paragraph',
      'Deployment',
      'Project: user-service',
      'Environment: production',
      'Version: 1.4.2',
      'Commit: abc1234',
      'Ref: main',
      'Requested by: rita@example.com',
      'Source: ci',
      'External id: 77',
      'Retry of: 01890a5d-0000-774b-bcce-b302099a8057',
      `Deployment: ${ID}`,
      'Link: Build 77',
      'Approval',
      'Rejected: 1 of 2 required',
      'alice@example.com approved on 2026-03-04 05:06 UTC: looks good',
      'bob@example.com rejected on 2026-03-04 05:06 UTC',
    ]);
    expect(JSON.stringify(description)).toContain('"href":"https://ci.example.com/77"');
    expectAccepted(description);
  });

  it('says that nobody was asked where none had to be', () => {
    const { description } = ticketFields(
      deployment({ requestedBy: null, approval: { ...deployment().approval, status: 'not_required' } }),
    );
    expect(lines(description)).toContain('No approval was required.');
    expect(lines(description)).toContain('Requested by: not given');
  });

  it('is found again by its label', () => {
    expect(ticketLabel(ID)).toBe(`dep-${ID}`);
  });

  it('is something that Jira accepts, whatever it is given', () => {
    fc.assert(
      fc.property(anyDeployment, (any) => {
        const { summary, description } = ticketFields(any);
        expect(summary.length).toBeLessThanOrEqual(255);
        expect(summary).toMatch(/^[^\n\p{Cs}]+$/u);
        expectAccepted(description);
        expect(lines(description)).toContain('Approval');
      }),
    );
  });
});

describe('a comment', () => {
  it('says what happened and carries its marker', () => {
    const body = commentBody(deployment(), event({ actor: 'ci@example.com' }), 'dep-event:1');
    expect(lines(body)).toEqual(['Rollout started by ci@example.com.', 'dep-event:1']);
  });

  it('is something that Jira accepts, whatever it is given', () => {
    fc.assert(
      fc.property(anyDeployment, anyEvent, (about, happened) => {
        expectAccepted(commentBody(about, happened, 'marker'));
      }),
    );
  });
});
