import type { Change } from '../change.js';
import type { JsonObject } from '../json.js';
import { BOT } from './slack-answer.js';
import type { View } from './view.js';

/** Open modals by their id, and each person's Home by the person's id. */
export class Views {
  readonly modals = new Map<string, View>();
  readonly homes = new Map<string, View>();

  /** Carries out a change of a view; ignores the others. */
  apply(change: Change): void {
    if (change.type === 'view.opened') this.modals.set(change.view.id, change.view);
    if (change.type === 'home.published') this.homes.set(change.view.user, change.view);
    if (change.type === 'view.closed') this.modals.delete(change.id);
    if (change.type === 'view.updated') this.edit(change.id, change.edit);
  }

  /** The view with this id, modal or Home. */
  find(id: string): View | undefined {
    return this.modals.get(id) ?? [...this.homes.values()].find((home) => home.id === id);
  }

  clear(): void {
    this.modals.clear();
    this.homes.clear();
  }

  private edit(id: string, part: Pick<View, 'content' | 'hash'>): void {
    const view = this.find(id);
    if (view === undefined) return;
    if (view.type === 'modal') this.modals.set(id, { ...view, ...part });
    else this.homes.set(view.user, { ...view, ...part });
  }
}

/** A view as Slack's answers and payloads give it; `values` is what was written into it. */
export function presentView({ id, type, content, hash }: View, teamId: string, values: JsonObject = {}): JsonObject {
  const left = { callback_id: '', private_metadata: '', external_id: '', title: null, submit: null, close: null };
  const ours = { id, team_id: teamId, type, hash, root_view_id: id, previous_view_id: null, app_id: BOT.appId, bot_id: BOT.botId };
  return { ...left, clear_on_close: false, notify_on_close: false, ...content, ...ours, state: { values } };
}
