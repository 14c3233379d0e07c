import type { Change } from './change.js';
import { describeChange } from './describe-change.js';
import type { Issue } from './jira/issue.js';
import { JiraState } from './jira/jira-state.js';
import { type JsonObject, isObject } from './json.js';
import { openLedgerFile } from './ledger-file.js';
import { SlackState } from './slack/slack-state.js';

/** What `GET /_ledger` says of one applied write. */
export interface Entry {
  readonly seq: number;
  readonly at: string;
  readonly system: 'jira' | 'slack';
  readonly method: string;
  readonly type: Change['type'];
  readonly outcome: 'applied';
  /** Whether the caller could learn of it: false if the answer was dropped, replaced or had nobody to go to. */
  readonly answered: boolean;
  readonly ids: Readonly<Record<string, string>>;
  readonly summary: JsonObject;
}

/** Which call made a change. */
export interface Origin {
  readonly system: 'jira' | 'slack';
  readonly method: string;
  readonly answered: boolean;
}

/** The stand-in's whole state, rebuilt from its ledger at start. */
export interface Store {
  readonly jira: JiraState;
  readonly slack: SlackState;
  /** Applied writes, oldest first. */
  readonly entries: readonly Entry[];
  /** Grows with every change and reset; the page refreshes when it differs. */
  version(): number;
  now(): number;
  /** Writes the change to the ledger, then applies it; raises (and applies nothing) if the file cannot take it. */
  commit(change: Change, origin: Origin): void;
  /** Calls `listener` after each commit; `before` is the issue that it was about as it was. */
  subscribe(listener: (change: Change, before: Issue | undefined) => void): void;
  reset(): void;
  close(): void;
}

function isLine(line: unknown): line is Entry & { readonly change: Change } {
  return isObject(line) && typeof line['seq'] === 'number' && isObject(line['change']);
}

/**
 * Opens the state.
 *
 * @param path the ledger file; undefined: memory only
 * @param now milliseconds since 1970
 */
export function openStore(path: string | undefined, now: () => number): Store {
  const jira = new JiraState();
  const slack = new SlackState();
  const entries: Entry[] = [];
  let resets = 0;
  const listeners: ((change: Change, before: Issue | undefined) => void)[] = [];
  const apply = (change: Change, at: number): void => {
    jira.apply(change, at);
    slack.apply(change);
  };
  const file = openLedgerFile(path, (line) => {
    if (!isLine(line)) throw new Error(`${path ?? ''}: a line is not one of this ledger's. Remove the file.`);
    const { change, ...entry } = line;
    apply(change, Date.parse(entry.at));
    entries.push(entry);
  });
  return {
    jira,
    slack,
    entries,
    now,
    version: () => entries.length + resets,
    commit: (change, origin) => {
      const at = now();
      const entry: Entry = {
        seq: (entries.at(-1)?.seq ?? 0) + 1,
        at: new Date(at).toISOString(),
        ...{ system: origin.system, method: origin.method, type: change.type, outcome: 'applied' },
        answered: origin.answered,
        ...describeChange(change, jira),
      };
      file.append({ ...entry, change });
      const before = 'id' in change ? jira.find(change.id) : undefined;
      apply(change, at);
      entries.push(entry);
      for (const listener of listeners) listener(change, before);
    },
    subscribe: (listener) => void listeners.push(listener),
    reset: () => {
      resets += entries.length + 1;
      file.clear();
      entries.length = 0;
      jira.clear();
      slack.clear();
    },
    close: () => file.close(),
  };
}
