// Jira and Slack as the workers need them, that take anything and answer after 20 ms. For loads under which the sandbox,
// which checks and remembers everything, would be what is measured.
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';

const ANSWER_MS = 20;
const { PORT: port = '0' } = process.env;
let serial = 0;

const STATUS = { id: '1', name: 'To Do', statusCategory: { key: 'new' } };
const IDENTITY = { ok: true, team_id: 'T0SANDBOX', user_id: 'U0BOT', bot_id: 'B0BOT' };

/** The beginning of a method and path, and what is answered to it. */
const ANSWERS: readonly (readonly [start: string, answer: () => object])[] = [
  ['GET /health/ready', () => ({ status: 'ready' })],
  ['GET /jira/rest/api/3/myself', () => ({ accountId: 'bench', displayName: 'Bench' })],
  ['POST /jira/rest/api/3/issueLink', () => ({})],
  ['POST /jira/rest/api/3/search', () => ({ issues: [], isLast: true })],
  ['POST /jira/rest/api/3/issue', () => ({ id: String((serial += 1)), key: `OPS-${serial}`, self: '' })],
  ['GET /jira/rest/api/3/issue', () => ({ id: '1', key: 'OPS-1', fields: { status: STATUS }, transitions: [] })],
  ['PUT /jira/rest/api/3/issue', () => ({})],
  ['POST /slack/api/auth.test', () => IDENTITY],
  ['POST /slack/api/', () => ({ ok: true, channel: 'C0DEPLOYS', ts: `${1_700_000_000 + (serial += 1)}.000100` })],
];

function answer(request: IncomingMessage, response: ServerResponse): void {
  const called = `${request.method} ${request.url}`;
  const [, made] = ANSWERS.find(([start]) => called.startsWith(start)) ?? [];
  request.resume();
  const status = made === undefined ? 404 : /^POST \S+\/issue$/.test(called) ? 201 : 200;
  setTimeout(() => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(made?.() ?? {})), ANSWER_MS);
}

createServer({ keepAliveTimeout: 60_000 }, answer).listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
