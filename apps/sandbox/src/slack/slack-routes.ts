import { Router, json, urlencoded } from 'express';
import type { Answer, Call } from '../answer.js';
import { type Desk, takeCalls } from '../calls.js';
import { chatHandlers } from './chat-handlers.js';
import { historyHandlers } from './history-handlers.js';
import { type Person, personById } from './people.js';
import { type ResponseUrls, responseUrlHandler } from './response-urls.js';
import type { Triggers } from './triggers.js';
import { viewHandlers } from './view-handlers.js';
import { BOT, type SlackSettings, argument, fine, refused, slackWording } from './slack-answer.js';

function presentPerson({ id, name, realName, email }: Person, teamId: string): Answer {
  const profile = { real_name: realName, display_name: name, team: teamId, ...(email === null ? {} : { email }) };
  const user = { id, team_id: teamId, name, real_name: realName, deleted: false, is_bot: false, profile };
  return fine({ user });
}

function usersInfo(teamId: string, call: Call): Answer {
  const person = personById(argument(call, 'user') ?? '');
  return person === undefined ? refused('user_not_found') : presentPerson(person, teamId);
}

function authTest(teamId: string): Answer {
  const url = 'https://sandbox.slack.com/';
  const bot = { user: BOT.name, user_id: BOT.userId, bot_id: BOT.botId };
  return fine({ url, team: 'Sandbox', team_id: teamId, ...bot, is_enterprise_install: false });
}

/** What is handed out with everything that people do, to be answered with. */
export interface Grants {
  readonly urls: ResponseUrls;
  readonly triggers: Triggers;
}

/** The part of Slack's Web API that Dep Tracker uses, at `/api/<method>`, and the addresses to respond to clicks. */
export function slackRoutes(desk: Desk, settings: SlackSettings, { urls, triggers }: Grants): Router {
  const { teamId } = settings;
  const { slack } = desk.store;
  const words = slackWording(settings);
  const take = takeCalls(desk, 'slack', words);
  const chat = chatHandlers(slack, teamId);
  const past = historyHandlers(slack, teamId);
  const views = viewHandlers(slack, triggers, teamId);
  const router = Router();
  router.use(urlencoded({ extended: false, limit: '2mb' }), json({ limit: '2mb' }));
  router.all(
    '/api/auth.test',
    take('auth.test', () => authTest(teamId)),
  );
  router.post('/api/chat.postMessage', take('chat.postMessage', chat.post));
  router.post('/api/chat.update', take('chat.update', chat.update));
  router.post('/api/chat.delete', take('chat.delete', chat.remove));
  router.post('/api/chat.postEphemeral', take('chat.postEphemeral', chat.ephemeral));
  router.all('/api/conversations.history', take('conversations.history', past.history));
  router.all('/api/conversations.replies', take('conversations.replies', past.replies));
  router.all(
    '/api/users.info',
    take('users.info', (call) => usersInfo(teamId, call)),
  );
  router.post('/api/views.open', take('views.open', views.open));
  router.post('/api/views.publish', take('views.publish', views.publish));
  router.post('/api/views.update', take('views.update', views.update));
  router.all('/api/:method', (_req, res) => {
    res.json({ ok: false, error: 'unknown_method' });
  });
  const open = { ...words, unauthorised: () => null };
  router.post('/actions/:key', takeCalls(desk, 'slack', open)('response_url', responseUrlHandler(slack, urls)));
  return router;
}
