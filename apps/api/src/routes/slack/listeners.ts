import type { App, BlockAction, ButtonAction, ViewResponseAction, ViewSubmitAction } from '@slack/bolt';
import type { Response } from 'express';
import { failpoint } from '@deptracker/runtime';
import { rememberInbound } from '@deptracker/store';
import { APPROVE_ACTION, REJECT_ACTION, REJECTION_CALLBACK } from '@deptracker/views';
import { noteDeployment, requestIdOf } from '../../http/arrival.js';
import { answerCommand } from './answer-command.js';
import { asClick } from './click.js';
import { decideClick } from './decide.js';
import type { InteractiveOptions } from './interactive-options.js';
import { openRejection } from './open-rejection.js';
import { notOfSlack, slackId } from './plain-id.js';
import { RESPONSE } from './receiver.js';
import { asRejection, decideSubmission } from './submission.js';

type Context = Readonly<Record<string, unknown>>;

const responseOf = (context: Context): Response => context[RESPONSE] as Response;
const workspaceOf = (context: Context): string => String(context['workspace']);
const button = (action_id: string) => ({ type: 'block_actions', action_id }) as const;

function onButtons(app: App, options: InteractiveOptions): void {
  app.action<BlockAction<ButtonAction>>(button(APPROVE_ACTION), async ({ body, action, context, ack }) => {
    const click = asClick(body, action, 'approve', workspaceOf(context));
    const response = responseOf(context);
    const deployment = await decideClick(options, click, requestIdOf(response));
    if (deployment !== null) noteDeployment(response, deployment);
    failpoint('after_decision');
    await ack();
  });
  app.action<BlockAction<ButtonAction>>(button(REJECT_ACTION), async ({ body, action, context, ack }) => {
    await openRejection(options, asClick(body, action, 'reject', workspaceOf(context)));
    await ack();
  });
}

function onSubmission(app: App, options: InteractiveOptions): void {
  app.view<ViewSubmitAction>({ type: 'view_submission', callback_id: REJECTION_CALLBACK }, async ({ body, context, ack }) => {
    const response = responseOf(context);
    const { answer, deployment } = await decideSubmission(options, asRejection(body, workspaceOf(context)), requestIdOf(response));
    if (deployment !== null) noteDeployment(response, deployment);
    failpoint('after_decision');
    await (answer === undefined ? ack() : ack(answer as ViewResponseAction));
  });
}

/** Whatever the command is called in this workspace. */
const ANY_COMMAND = /^\//;

function onCommand(app: App, { database }: InteractiveOptions): void {
  app.command(ANY_COMMAND, async ({ command, ack }) => {
    const answer = await answerCommand(database, command.command, command.text);
    await ack(answer);
  });
}

function onHome(app: App, { database, home }: InteractiveOptions): void {
  app.event('app_home_opened', async ({ event, body, context }) => {
    const userId = slackId(event.user);
    if (event.tab !== 'home' || userId === null) return;
    const { event_id: eventId } = body as { event_id?: string };
    if (eventId === undefined) throw notOfSlack();
    const fresh = await database.transaction((uow) => rememberInbound(uow, `slack.event:${eventId}`));
    if (fresh) home.publish(workspaceOf(context), userId);
  });
}

/** What is done with each kind of request of Slack. What raises is not acknowledged. */
export function listen(app: App, options: InteractiveOptions): void {
  onButtons(app, options);
  onSubmission(app, options);
  onCommand(app, options);
  onHome(app, options);
}
