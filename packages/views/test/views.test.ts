import { DomainError, type Refusal } from '@deptracker/domain';
import {
  type CommandAnswer,
  HOME_SIZE,
  type HomeView,
  type ModalView,
  RUNNING_SIZE,
  VIEW_LIMITS,
  type ViewBlock,
  helpAnswer,
  homeView,
  listAnswer,
  rejectionModal,
  runningAnswer,
  tooLateModal,
} from '@deptracker/views';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ID, NOW, anyDeployment, anyText, deployment } from './fixtures.js';
import { expectInert, expectPostable, textsOf } from './slack-limits.js';

const LOUD = '<!channel>';
const textsIn = (block: ViewBlock): string[] => {
  if (block.type === 'divider') return [];
  return block.type === 'input' ? [block.label.text, block.hint?.text ?? ' '] : textsOf(block);
};

/** All of Slack's documented limits of modals and Home, and nothing unescaped. */
function expectShowable(view: ModalView | HomeView): void {
  expect(view.blocks.length).toBeLessThanOrEqual(VIEW_LIMITS.blocks);
  expect(view.blocks.length).toBeGreaterThan(0);
  expect(JSON.stringify(view).length).toBeLessThan(250_000);
  const ids = view.blocks.flatMap((block) => ('block_id' in block ? [block.block_id] : []));
  expect(new Set(ids).size).toBe(ids.length);
  // Blocks have the same limits as in messages, but for their number.
  for (const block of view.blocks) {
    if (block.type === 'input') {
      expect(block.label.text.length).toBeLessThanOrEqual(VIEW_LIMITS.label);
      expect(block.element.max_length).toBeLessThanOrEqual(3000);
    } else if (block.type !== 'divider') expectPostable({ text: 'x', blocks: [block] });
  }
  if (view.type === 'home') return;
  expect(view.title.text.length).toBeLessThanOrEqual(VIEW_LIMITS.title);
  expect(view.close.text.length).toBeLessThanOrEqual(VIEW_LIMITS.button);
  expect(view.submit?.text.length ?? 0).toBeLessThanOrEqual(VIEW_LIMITS.button);
  expect(view.private_metadata?.length ?? 0).toBeLessThanOrEqual(VIEW_LIMITS.metadata);
  expect(view.blocks.some(({ type }) => type === 'input')).toBe(view.submit !== undefined);
}

function expectAnswerable({ text, blocks = [] }: CommandAnswer): void {
  expectPostable({ text, blocks });
}

/** As long as everything can be, and as loud. */
const maximal = (id: string) =>
  deployment({
    id,
    project: LOUD.repeat(20),
    environment: '&'.repeat(200),
    version: '>'.repeat(200),
    description: LOUD.repeat(400),
    requestedBy: `${'<'.repeat(240)}@x.example`,
    links: Array.from({ length: 20 }, () => ({ title: LOUD.repeat(20), url: `https://x.example/${'&'.repeat(1900)}` })),
  });

const uuid = (n: number): string => `01890a5d-ac96-774b-bcce-${String(n).padStart(12, '0')}`;
const asked = (refusal: Refusal) => new DomainError(refusal, 'no');

describe('Home', () => {
  it('shows what waits with the buttons of the message, and what the person asked for', () => {
    const view = homeView({ waiting: [deployment()], more: false, asked: [deployment({ version: '9.9.9', status: 'succeeded' })], note: null });
    const shown = JSON.stringify(view);
    expect(shown).toContain('asked for by rita@example.com · 0 of 2 approvals');
    expect(shown).toContain('9.9.9');
    const actions = view.blocks.filter(({ type }) => type === 'actions');
    expect(actions).toMatchObject([{ block_id: `deptracker_decision:${ID}`, elements: [{ action_id: 'deptracker_approve', value: ID }, { action_id: 'deptracker_reject', value: ID }] }]);
  });

  it('with 200 approvals whose every text is as long as can be keeps Slack’s limits and pings nobody', () => {
    const waiting = Array.from({ length: 200 }, (_, n) => maximal(uuid(n)));
    const view = homeView({ waiting, more: true, asked: waiting, note: 'x' });
    expectShowable(view);
    expect(JSON.stringify(view)).not.toContain(LOUD);
    expect(view.blocks.filter(({ type }) => type === 'actions')).toHaveLength(HOME_SIZE);
    expect(JSON.stringify(view)).toContain('… and more than 180 more.');
  });

  it('keeps every limit and escapes everything, whatever it is given', () => {
    const many = fc.uniqueArray(anyDeployment, { maxLength: 25, selector: ({ id }) => id });
    fc.assert(
      fc.property(many, many, fc.boolean(), (waiting, own, more) => {
        const view = homeView({ waiting, more, asked: own, note: null });
        expectShowable(view);
        view.blocks.flatMap(textsIn).forEach(expectInert);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the modal that asks why', () => {
  it('says what is rejected and whose it is, and takes a reason that may be left out', () => {
    const view = rejectionModal(deployment(), 'm');
    expect(view).toMatchObject({ type: 'modal', private_metadata: 'm', callback_id: 'deptracker_rejection', blocks: [{ type: 'section' }, { type: 'input', optional: true }] });
    expect(view.blocks.flatMap(textsIn).join()).toContain('Reject *user-service* 1.4.2 → *production*? rita@example.com asked for it.');
  });

  it('keeps every limit and escapes everything, whatever it is given', () => {
    fc.assert(fc.property(anyDeployment, (any) => expectShowable(rejectionModal(any, 'm'))));
    expectShowable(rejectionModal(maximal(ID), 'm'));
  });
});

describe('the modal of who comes late', () => {
  it('says who decided and how it stands, and takes nothing more', () => {
    const view = tooLateModal(asked({ code: 'approval_closed', status: 'approved', by: 'bob@example.com' }), deployment({ status: 'approved' }));
    const text = view.blocks.flatMap(textsIn).join('\n');
    expect(text).toContain('already approved by bob@example.com');
    expect(text).toContain(':white_check_mark: Approved: user-service 1.4.2 → production');
    expect(view.submit).toBeUndefined();
  });

  it('keeps every limit and escapes everything, whatever it is given', () => {
    fc.assert(
      fc.property(fc.option(anyDeployment, { nil: null }), anyText, (any, by) => {
        expectShowable(tooLateModal(asked({ code: 'approval_closed', status: 'rejected', by }), any));
      }),
    );
  });
});

describe('the answer to a command', () => {
  it('keeps every limit and escapes everything, whatever it is given', () => {
    const name = fc.option(anyText, { nil: null });
    const shown = fc.record({ deployment: anyDeployment, ticket: fc.option(fc.record({ key: anyText, url: anyText }), { nil: null }) });
    fc.assert(
      fc.property(name, name, fc.array(shown, { maxLength: 10 }), anyText, (project, environment, all, command) => {
        expectAnswerable(listAnswer({ project, environment }, all, command));
        expectAnswerable(helpAnswer(command, project));
      }),
    );
    const ten = Array.from({ length: 10 }, (_, n) => ({ deployment: maximal(uuid(n)), ticket: { key: 'K'.repeat(200), url: `https://x.example/${'a'.repeat(250)}` } }));
    expectAnswerable(listAnswer({ project: LOUD.repeat(20), environment: null }, ten, '/deployments'));
  });

  it('says of 50 projects what runs, and counts the others', () => {
    const running = Array.from({ length: 60 }, (_, n) => ({ project: `${LOUD.repeat(20)}${String(n)}`, version: '>'.repeat(200), requestedBy: '<'.repeat(254), finishedAt: NOW }));
    const answer = runningAnswer(LOUD, running, 70);
    expectAnswerable(answer);
    expect(JSON.stringify(answer)).not.toContain(LOUD);
    expect(JSON.stringify(answer).match(/ since /g)).toHaveLength(RUNNING_SIZE);
    expect(JSON.stringify(answer)).toContain('… and 20 more.');
    expectAnswerable(runningAnswer('x', [], 0));
  });
});
