import { randomBytes } from 'node:crypto';
import { Router, json } from 'express';
import type { Request } from 'express';
import type { Desk } from '../calls.js';
import { statusById } from '../jira/workflow.js';
import { presentMessage } from '../slack/present-message.js';
import type { ResponseUrls } from '../slack/response-urls.js';
import { countMessages } from '../slack/slack-state.js';
import { channelsHtml } from './channels.js';
import { type ClickSettings, parseClick, pressButton } from './click.js';
import { pageHtml } from './page.js';
import { ticketsHtml } from './tickets.js';

export type { ClickSettings } from './click.js';

/** The two halves of the page, and what the bar above them shows. */
function fragments({ store, faults }: Desk): object {
  const messages = [...store.slack.channels.values()].reduce((sum, channel) => sum + countMessages(channel), 0);
  return {
    version: store.version(),
    tickets: ticketsHtml(store.jira).text,
    channels: channelsHtml(store.slack).text,
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
  };
}

function ownOrigin(req: Request): string {
  const { localAddress = '127.0.0.1', localPort } = req.socket;
  const host = localAddress.includes(':') ? '127.0.0.1' : localAddress;
  return `http://${host}:${localPort}`;
}

/** The page, the data behind it, and the presses of its buttons. */
export function pageRoutes(desk: Desk, teamId: string, settings: ClickSettings, urls: ResponseUrls): Router {
  const { store } = desk;
  const router = Router();
  router.get('/', (_req, res) => {
    const nonce = randomBytes(16).toString('base64');
    const policy = [
      `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:`,
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ].join('; ');
    res.set({ 'Content-Security-Policy': policy, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    res.type('html').send(pageHtml(ticketsHtml(store.jira), channelsHtml(store.slack), nonce).text);
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
  router.post('/_click', json(), async (req, res) => {
    const click = parseClick(req.body);
    if ('errors' in click) {
      res.status(400).json(click);
      return;
    }
    const outcome = await pressButton(click, { store, teamId, settings, urls, origin: ownOrigin(req) });
    res.status('errors' in outcome ? 404 : 200).json(outcome);
  });
  return router;
}
