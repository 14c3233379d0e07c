import { Router, json } from 'express';
import joi from 'joi';
import type { Desk } from '../calls.js';
import type { Change } from '../change.js';
import type { Issue } from '../jira/issue.js';
import type { Webhooks } from '../jira/webhooks.js';
import { transitionsFrom } from '../jira/workflow.js';
import { personById } from '../slack/people.js';

/** What a person does to a ticket; exactly one of the last four. */
interface Action {
  readonly key: string;
  readonly transition?: string;
  /** A person's id; null for nobody. */
  readonly assign?: string | null;
  readonly priority?: string;
  readonly delete?: true;
}

const ACTION = joi
  .object({
    key: joi.string().required(),
    transition: joi.string(),
    assign: joi.string().allow(null),
    priority: joi.valid('Highest', 'High', 'Medium', 'Low', 'Lowest'),
    delete: joi.valid(true),
  })
  .xor('transition', 'assign', 'priority', 'delete')
  .required();

/** The change that an action is, or a sentence why there is none. */
function changeOf(issue: Issue, { transition, assign, priority }: Action): Change | string {
  const { id } = issue;
  if (transition !== undefined) {
    const step = transitionsFrom(issue.statusId).find((one) => one.id === transition || one.name === transition);
    return step === undefined ? `${issue.key} has no transition "${transition}" now.` : { type: 'issue.transitioned', id, statusId: step.to.id };
  }
  if (priority !== undefined) return { type: 'issue.updated', id, fields: { priority: { name: priority } } };
  if (assign === undefined) return { type: 'issue.deleted', id };
  const person = assign === null ? null : personById(assign);
  if (person === undefined) return `There is no person ${assign ?? ''}.`;
  return { type: 'issue.updated', id, fields: { assignee: person === null ? null : { accountId: person.id, displayName: person.realName } } };
}

/** `POST /_issue`: people move, assign and delete tickets; the answer tells what the webhook's receiver said. */
export function issueActions({ store }: Desk, webhooks: Webhooks): Router {
  const router = Router();
  router.post('/_issue', json(), async (req, res) => {
    const { error, value } = ACTION.validate(req.body, { abortEarly: false, convert: false }) as { error?: joi.ValidationError; value: unknown };
    if (error !== undefined) {
      res.status(400).json({ errors: error.details.map(({ message }) => message) });
      return;
    }
    const action = value as Action;
    const issue = store.jira.find(action.key);
    const change = issue === undefined ? `There is no ticket ${action.key}.` : changeOf(issue, action);
    if (typeof change === 'string') {
      res.status(404).json({ errors: [change] });
      return;
    }
    store.commit(change, { system: 'jira', method: 'byHand', answered: true });
    res.json({ told: await webhooks.latest() });
  });
  return router;
}
