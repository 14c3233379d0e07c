import { randomBytes } from 'node:crypto';
import type { Answer, Call, Handler } from '../answer.js';
import { parseJson } from '../json.js';
import { checkView, isRefusal } from './check-view.js';
import { personById } from './people.js';
import { argument, fine, refused } from './slack-answer.js';
import type { SlackState } from './slack-state.js';
import type { Triggers } from './triggers.js';
import type { View } from './view.js';
import { presentView } from './views.js';

const hashOf = (now: number): string => `${Math.floor(now / 1000)}.${randomBytes(4).toString('hex')}`;
const newId = (): string => `V0${randomBytes(5).toString('hex').toUpperCase()}`;

/** What every handler of views needs. */
interface Scene {
  readonly slack: SlackState;
  readonly triggers: Triggers;
  readonly teamId: string;
}

function viewOf(call: Call, type: View['type']): ReturnType<typeof checkView> {
  return checkView(parseJson(argument(call, 'view') ?? ''), type);
}

function open({ triggers, teamId }: Scene, call: Call): Answer {
  const content = viewOf(call, 'modal');
  if (isRefusal(content)) return refused(content.error, content.messages);
  const trigger = triggers.use(argument(call, 'trigger_id') ?? '', call.now);
  if (typeof trigger === 'string') return refused(trigger);
  const view: View = { id: newId(), user: trigger.user, type: 'modal', content, hash: hashOf(call.now) };
  call.commit({ type: 'view.opened', view });
  return fine({ view: presentView(view, teamId) });
}

/** A hash names the state that the caller knows; another one since then refuses the call. */
const isStale = (call: Call, known: View | undefined): boolean => (argument(call, 'hash') ?? known?.hash) !== known?.hash;

function publish({ slack, teamId }: Scene, call: Call): Answer {
  const user = argument(call, 'user_id') ?? '';
  if (personById(user) === undefined) return refused('user_not_found');
  const content = viewOf(call, 'home');
  if (isRefusal(content)) return refused(content.error, content.messages);
  const known = slack.views.homes.get(user);
  if (isStale(call, known)) return refused('hash_conflict');
  const view: View = { id: known?.id ?? newId(), user, type: 'home', content, hash: hashOf(call.now) };
  call.commit({ type: 'home.published', view });
  return fine({ view: presentView(view, teamId) });
}

function update({ slack, teamId }: Scene, call: Call): Answer {
  const known = slack.views.find(argument(call, 'view_id') ?? '');
  if (known === undefined) return refused('not_found');
  const content = viewOf(call, known.type);
  if (isRefusal(content)) return refused(content.error, content.messages);
  if (isStale(call, known)) return refused('hash_conflict');
  const edit = { content, hash: hashOf(call.now) };
  call.commit({ type: 'view.updated', id: known.id, edit });
  return fine({ view: presentView({ ...known, ...edit }, teamId) });
}

/** The methods that show modals and Home. */
export function viewHandlers(slack: SlackState, triggers: Triggers, teamId: string): Record<'open' | 'publish' | 'update', Handler> {
  const scene = { slack, triggers, teamId };
  return {
    open: (call) => open(scene, call),
    publish: (call) => publish(scene, call),
    update: (call) => update(scene, call),
  };
}
