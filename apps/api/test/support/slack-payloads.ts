import { CHANNEL, TEAM, asForm } from './slack-stub.js';

export interface SubmissionOptions {
  readonly deploymentId: string;
  readonly user?: string;
  readonly reason?: string | null;
  readonly viewId?: string;
  readonly team?: string;
  readonly fromHome?: boolean;
  readonly metadata?: string;
}

let made = 0;

/** A submitted rejection as Slack sends it; each is of another modal unless `viewId` says so. */
export function submissionPayload(options: SubmissionOptions): object {
  const { deploymentId, user = 'UALICE', reason = 'not on a Friday', team = TEAM, fromHome = false } = options;
  made += 1;
  const place = fromHome ? { channelId: null, messageTs: null } : { channelId: CHANNEL, messageTs: '1700000000.000100' };
  return {
    type: 'view_submission',
    team: { id: team, domain: 'sandbox' },
    user: { id: user, username: user, team_id: team },
    api_app_id: 'A0',
    trigger_id: '1.2',
    view: {
      id: options.viewId ?? `V${made}`,
      type: 'modal',
      callback_id: 'deptracker_rejection',
      private_metadata: options.metadata ?? JSON.stringify({ deploymentId, ...place, fromHome }),
      hash: '1.abc',
      state: { values: { deptracker_reason: { deptracker_reason_text: { type: 'plain_text_input', value: reason } } } },
    },
    response_urls: [],
  };
}

/** The same button in Home, where there is no message. */
export function homeClickPayload({ deploymentId, user = 'UALICE', action = 'deptracker_approve' }: { deploymentId: string; user?: string; action?: string }): object {
  made += 1;
  return {
    type: 'block_actions',
    team: { id: TEAM, domain: 'sandbox' },
    user: { id: user, username: user, team_id: TEAM },
    api_app_id: 'A0',
    container: { type: 'view', view_id: 'VHOME' },
    view: { id: 'VHOME', type: 'home', callback_id: '', private_metadata: '', state: { values: {} } },
    trigger_id: '1.2',
    actions: [{ type: 'button', action_id: action, block_id: `deptracker_decision:${deploymentId}`, value: deploymentId, action_ts: `${1_700_100_000 + made}.000` }],
  };
}

/** A slash command's form. */
export function commandForm(text: string, more: Readonly<Record<string, string>> = {}): string {
  const fields = { token: 'x', team_id: TEAM, channel_id: CHANNEL, channel_name: 'deploys', user_id: 'UALICE', user_name: 'alice', command: '/deployments', text, trigger_id: '1.2', response_url: 'https://hooks.slack.com/x', ...more };
  return new URLSearchParams(fields).toString();
}

/** Home was opened; a body of JSON. */
export function homeEvent({ user = 'UALICE', eventId, tab = 'home', team = TEAM }: { user?: string; eventId?: string; tab?: string; team?: string } = {}): string {
  made += 1;
  return JSON.stringify({
    token: 'x',
    team_id: team,
    api_app_id: 'A0',
    type: 'event_callback',
    event_id: eventId ?? `Ev${made}`,
    event_time: 1_700_000_000,
    event: { type: 'app_home_opened', user, channel: 'D0HOME', tab, event_ts: '1700000000.000100' },
  });
}

/** What opens the modal, what it comes back as, a command and an event, each as it goes over the wire. */
export const FORMS = { form: 'application/x-www-form-urlencoded', json: 'application/json' } as const;

export const submissionForm = (options: SubmissionOptions): string => asForm(submissionPayload(options));
