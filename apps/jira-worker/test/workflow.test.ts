import type { JiraClient, JiraStatus, JiraTransition } from '@deptracker/jira';
import { type CallOptions, VendorError } from '@deptracker/resilience';
import { describe, expect, it } from 'vitest';
import { chooseTransition, createWorkflow } from '../dist/workflow.js';

const status = (id: string, category: string): JiraStatus => ({ id, name: id, category });
const TO_DO = status('to do', 'new');
const SELECTED = status('selected', 'new');
const DOING = status('doing', 'indeterminate');
const REVIEW = status('review', 'indeterminate');
const DONE = status('done', 'done');
const to = (target: JiraStatus): JiraTransition => ({ id: `to ${target.id}`, name: target.name, to: target });

describe('the transition that is chosen', () => {
  it.each([
    ['leads into the category', [to(DOING), to(DONE)], 'new', 'indeterminate', 'to doing'],
    ['is the longest step', [to(DOING), to(DONE)], 'new', 'done', 'to done'],
    ['comes nearer where none leads there', [to(DOING)], 'new', 'done', 'to doing'],
    ['never leads too far', [to(DONE)], 'new', 'indeterminate', null],
    ['never leads back', [to(TO_DO), to(DOING)], 'done', 'indeterminate', null],
    ['never stays in the same category', [to(SELECTED), to(REVIEW)], 'indeterminate', 'indeterminate', null],
    ['does not exist where nothing is offered', [], 'new', 'done', null],
    ['leads out of a status without a category', [to(DOING)], 'undefined', 'indeterminate', 'to doing'],
  ] as const)('%s', (_title, offered, from, wanted, chosen) => {
    expect(chooseTransition(offered, from, wanted)?.id ?? null).toBe(chosen);
  });
});

type Map = Readonly<Record<string, readonly JiraStatus[]>>;

/** A Jira with one issue and this workflow; `asked` is every request in order. */
function fakeJira(workflow: Map, start: JiraStatus, refuses: readonly string[] = []) {
  const asked: string[] = [];
  const issue = { at: start };
  const refusal = (code: string): VendorError => new VendorError({ vendor: 'jira', certainty: 'not_applied', fault: 'row', code }, code);
  const jira: Partial<JiraClient> = {
    getIssue: (id) => {
      asked.push('status');
      return Promise.resolve({ id, key: id, fields: {}, status: issue.at });
    },
    getTransitions: () => {
      asked.push('transitions');
      return Promise.resolve((workflow[issue.at.id] ?? []).map(to));
    },
    transition: (_id, step) => {
      asked.push(step);
      const target = workflow[issue.at.id]?.find((one) => to(one).id === step);
      if (target === undefined || refuses.includes(step)) return Promise.reject(refusal('http_400'));
      issue.at = target;
      return Promise.resolve();
    },
  };
  return { jira: jira as JiraClient, asked, issue, refusal };
}

const CALL: CallOptions = { maxWaitMs: 0 };
const SIMPLE: Map = { 'to do': [DOING, DONE], doing: [DONE] };
const LONG: Map = { 'to do': [DOING], doing: [REVIEW, TO_DO, DONE] };

describe('a workflow', () => {
  it('is asked for once, then every ticket costs one request a move', async () => {
    const { jira, asked, issue } = fakeJira(SIMPLE, TO_DO);
    const workflow = createWorkflow(jira);
    expect(await workflow.move('1', null, 'indeterminate', CALL)).toEqual(DOING);
    expect(await workflow.move('1', DOING, 'done', CALL)).toEqual(DONE);
    asked.length = 0;
    issue.at = TO_DO;
    expect(await workflow.move('2', null, 'indeterminate', CALL)).toEqual(DOING);
    expect(await workflow.move('2', DOING, 'done', CALL)).toEqual(DONE);
    expect(asked).toEqual(['to doing', 'to done']);
  });

  it('is gone through in steps where the end is not next door', async () => {
    const { jira, asked } = fakeJira(LONG, TO_DO);
    expect(await createWorkflow(jira).move('1', null, 'done', CALL)).toEqual(DONE);
    expect(asked.filter((one) => one.startsWith('to '))).toEqual(['to doing', 'to done']);
  });

  it('that has no way leaves the ticket where it is, and is looked at again each time', async () => {
    const { jira, asked, issue } = fakeJira({ 'to do': [DONE] }, TO_DO);
    const workflow = createWorkflow(jira);
    expect(await workflow.move('1', null, 'indeterminate', CALL)).toEqual(TO_DO);
    issue.at = DOING;
    expect(await workflow.move('1', TO_DO, 'indeterminate', CALL)).toEqual(DOING);
    expect(asked.filter((one) => one.startsWith('to '))).toEqual([]);
  });

  it('asks nothing for a ticket that is there already or is to stay new', async () => {
    const { jira, asked } = fakeJira(SIMPLE, TO_DO);
    const workflow = createWorkflow(jira);
    expect(await workflow.move('1', null, 'new', CALL)).toBeNull();
    expect(await workflow.move('1', DONE, 'done', CALL)).toEqual(DONE);
    expect(asked).toEqual([]);
  });

  it('whose step needs more than we have is tried once and given up', async () => {
    const { jira, asked } = fakeJira(SIMPLE, TO_DO, ['to done']);
    expect(await createWorkflow(jira).move('1', null, 'done', CALL)).toEqual(TO_DO);
    expect(asked.filter((one) => one === 'to done')).toHaveLength(1);
  });

  it('never takes what a moved ticket offers for what all offer', async () => {
    const { jira, issue } = fakeJira(SIMPLE, DOING);
    const workflow = createWorkflow(jira);
    expect(await workflow.move('1', null, 'done', CALL)).toEqual(DONE);
    issue.at = TO_DO;
    expect(await workflow.move('2', null, 'indeterminate', CALL)).toEqual(DOING);
    issue.at = DONE;
    expect(await workflow.move('3', DOING, 'done', CALL)).toEqual(DONE);
    issue.at = DOING;
    expect(await workflow.move('4', DOING, 'done', CALL)).toEqual(DONE);
  });

  it('in which another transition runs passes that on as a wait, and other failures as they are', async () => {
    const { jira, refusal } = fakeJira(SIMPLE, TO_DO);
    const failing = (code: string): Promise<unknown> =>
      createWorkflow({ ...jira, transition: () => Promise.reject(refusal(code)) }).move('1', null, 'done', CALL);
    await expect(failing('http_409')).rejects.toMatchObject({ failure: { fault: 'rate', retryAfterMs: 2_000 } });
    await expect(failing('http_404')).rejects.toMatchObject({ failure: { fault: 'row', code: 'http_404' } });
  });
});
