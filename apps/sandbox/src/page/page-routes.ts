import { randomBytes } from 'node:crypto';
import { Router, json } from 'express';
import type { Request, RequestHandler } from 'express';
import type { Desk } from '../calls.js';
import { statusById } from '../jira/workflow.js';
import { presentMessage } from '../slack/present-message.js';
import type { Grants } from '../slack/slack-routes.js';
import { countMessages } from '../slack/slack-state.js';
import { channelsHtml } from './channels.js';
import { presentView } from '../slack/views.js';
import { parseClick, pressButton } from './click.js';
import { openHome, parseOpened, parseTyped, sendCommand } from './command.js';
import { pageHtml } from './page.js';
import type { ClickSettings, Refusal, Scene } from './post-webhook.js';
import { closeModal, parseSubmission, submitModal } from './submit.js';
import { ticketsHtml } from './tickets.js';
import { homesHtml, modalsHtml } from './views-html.js';

export type { ClickSettings } from './post-webhook.js';

const BODY_SHOWN = 2_000;

/** The parts of the page, and what the bar above them shows. */
function fragments({ store, faults }: Desk): object {
  const messages = [...store.slack.channels.values()].reduce((sum, channel) => sum + countMessages(channel), 0);
  return {
    version: store.version(),
    tickets: ticketsHtml(store.jira).text,
    channels: channelsHtml(store.slack).text,
    homes: homesHtml(store.slack.views).text,
    modals: modalsHtml(store.slack.views).text,
    counts: { tickets: store.jira.all().length, messages },
    faults: faults.count,
  };
}

/** Everything as data, for tests and scripts. */
function stateOf({ store }: Desk, teamId: string): object {
  const { jira, slack } = store;
  return {
    version: store.version(),
    tickets: jira.all().map(({ id, key, statusId, fields, comments }) => ({
      ...{ id, key, status: statusById(statusId).name, summary: fields['summary'], labels: fields['labels'] ?? [] },
      ...{ fields, comments },
      links: jira.links.filter((link) => link.inward === key || link.outward === key),
    })),
    channels: [...slack.channels.values()].map(({ id, messages, ephemerals }) => ({
      id,
      messages: [...messages.values()]
        .filter((message) => !message.deleted)
        .map((message) => ({ thread_ts: message.threadTs, ...presentMessage(message, slack, teamId, true) })),
      ephemerals,
    })),
    modals: [...slack.views.modals.values()].map((view) => ({ user: view.user, ...presentView(view, teamId) })),
    homes: [...slack.views.homes.values()].map((view) => ({ user: view.user, ...presentView(view, teamId) })),
  };
}

function ownOrigin(req: Request): string {
  const { localAddress = '127.0.0.1', localPort } = req.socket;
  const host = localAddress.includes(':') ? '127.0.0.1' : localAddress;
  return `http://${host}:${localPort}`;
}

/** Does something as a person: 400 where it was not understood, 404 where there is nothing to do it with. */
function acting<T extends object, R extends object>(
  parse: (body: unknown) => T | Refusal,
  act: (asked: T, scene: Scene) => Promise<R> | R,
  scene: Omit<Scene, 'origin'>,
): RequestHandler {
  return async (req, res) => {
    const asked = parse(req.body);
    if ('errors' in asked) {
      res.status(400).json(asked);
      return;
    }
    const outcome = await act(asked, { ...scene, origin: ownOrigin(req) });
    const { body } = outcome as { body?: string };
    res.status('errors' in outcome ? 404 : 200).json(body === undefined ? outcome : { ...outcome, body: body.slice(0, BODY_SHOWN) });
  };
}

/** The page, the data behind it, and what people do on it. */
export function pageRoutes(desk: Desk, teamId: string, settings: ClickSettings, grants: Grants): Router {
  const { store } = desk;
  const router = Router();
  router.get('/', (_req, res) => {
    const nonce = randomBytes(16).toString('base64');
    const policy = [
      `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:`,
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ].join('; ');
    res.set({ 'Content-Security-Policy': policy, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    res.type('html').send(pageHtml({ tickets: ticketsHtml(store.jira), channels: channelsHtml(store.slack), homes: homesHtml(store.slack.views), modals: modalsHtml(store.slack.views) }, nonce).text);
  });
  router.get('/_state', (_req, res) => {
    res.json(stateOf(desk, teamId));
  });
  router.get('/_page', (req, res) => {
    const unchanged =
      req.query['version'] === `${store.version()}` && req.query['faults'] === `${desk.faults.count}`;
    if (unchanged) res.status(204).end();
    else res.json(fragments(desk));
  });
  const scene = { store, teamId, settings, grants };
  router.post('/_click', json(), acting(parseClick, pressButton, scene));
  router.post('/_submit', json(), acting(parseSubmission, submitModal, scene));
  router.post('/_close', json(), acting(parseSubmission, closeModal, scene));
  router.post('/_command', json(), acting(parseTyped, sendCommand, scene));
  router.post('/_home', json(), acting(parseOpened, openHome, scene));
  return router;
}
