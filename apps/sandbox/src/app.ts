import express, { type ErrorRequestHandler, type Express } from 'express';
import { adminRoutes } from './admin-routes.js';
import { CallLog, type Desk } from './calls.js';
import { Faults } from './faults.js';
import { type JiraSettings, jiraRoutes } from './jira/jira-routes.js';
import { type WebhookSettings, createWebhooks } from './jira/webhooks.js';
import { issueActions } from './page/issue-actions.js';
import { Limits } from './limits.js';
import { type ClickSettings, pageRoutes } from './page/page-routes.js';
import { ResponseUrls } from './slack/response-urls.js';
import { Triggers } from './slack/triggers.js';
import type { SlackSettings } from './slack/slack-answer.js';
import { slackRoutes } from './slack/slack-routes.js';
import { openStore } from './store.js';

/** What the stand-in needs to know. */
export interface SandboxSettings {
  /** The ledger's file; undefined: memory only. */
  readonly dataFile: string | undefined;
  readonly jira: JiraSettings;
  readonly webhooks: WebhookSettings;
  readonly slack: SlackSettings;
  readonly click: ClickSettings;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

/** A stand-in that is ready to be listened on. */
export interface Sandbox {
  readonly app: Express;
  /** Closes the ledger and gives up what is still to be told. */
  close(): void;
}

/** Bad bodies get the status that the parser gave them; anything else is a mistake of ours. */
const onError: ErrorRequestHandler = (error: unknown, req, res, next) => {
  const { status = 500, message } = error as { status?: number; message?: string };
  if (res.headersSent) {
    next(error);
    return;
  }
  if (req.path.startsWith('/slack/')) res.status(status).json({ ok: false, error: 'invalid_arguments' });
  else res.status(status).json({ errorMessages: [message ?? 'Internal error'], errors: {} });
};

/** Builds the stand-in and rebuilds its state from the ledger. Raises an error if the ledger cannot be read. */
export function createSandbox(settings: SandboxSettings): Sandbox {
  const store = openStore(settings.dataFile, settings.now ?? Date.now);
  const desk: Desk = { store, faults: new Faults(), limits: new Limits(), log: new CallLog() };
  const grants = { urls: new ResponseUrls(), triggers: new Triggers() };
  const webhooks = createWebhooks(desk, settings.webhooks);
  const app = express();
  app.disable('x-powered-by').set('etag', false);
  app.get(['/health', '/health/live', '/health/ready'], (_req, res) => {
    res.json({ status: 'ok', service: 'sandbox' });
  });
  app.use('/jira', (req, _res, next) => {
    webhooks.calledBy(`${req.protocol}://${req.get('host') ?? 'localhost'}/jira`);
    next();
  });
  app.use('/jira/rest/api/3', jiraRoutes(desk, settings.jira));
  app.get('/jira/browse/:key', (req, res) => res.redirect(`/#${encodeURIComponent(req.params.key)}`));
  app.use('/jira', (_req, res) => {
    res.status(404).end();
  });
  app.use('/slack', slackRoutes(desk, settings.slack, grants));
  app.use(adminRoutes(desk));
  app.use(issueActions(desk, webhooks));
  app.use(pageRoutes(desk, settings.slack.teamId, settings.click, grants));
  app.use((_req, res) => {
    res.status(404).json({ errors: ['There is nothing here.'] });
  });
  app.use(onError);
  const close = (): void => {
    webhooks.close();
    store.close();
  };
  return { app, close };
}
