import { setTimeout as delay } from 'node:timers/promises';
import type { Request, RequestHandler, Response } from 'express';
import type { Answer, Handler, Wording } from './answer.js';
import { sendEndless } from './endless.js';
import type { FaultRule } from './fault-rule.js';
import type { Faults } from './faults.js';
import type { Limits } from './limits.js';
import type { METHODS, System } from './methods.js';
import type { Store } from './store.js';

const RECENT_KEPT = 20_000;

/** One call as `GET /_calls/recent` shows it. */
export interface CallRecord {
  readonly at: string;
  readonly method: string;
  /** read, applied, rejected (by the vendor's rules), limited (429), faulted (by a fault, nothing applied). */
  readonly outcome: 'read' | 'applied' | 'rejected' | 'limited' | 'faulted';
  readonly status: number | null;
  readonly answered: boolean;
}

/** The counters of all calls, in memory. */
export class CallLog {
  readonly counts = new Map<string, number>();
  readonly recent: CallRecord[] = [];

  count(method: string): void {
    this.counts.set(method, (this.counts.get(method) ?? 0) + 1);
  }

  add(record: CallRecord): void {
    this.recent.push(record);
    if (this.recent.length > RECENT_KEPT) this.recent.splice(0, RECENT_KEPT / 10);
  }

  clear(): void {
    this.counts.clear();
    this.recent.length = 0;
  }
}

/** What every call passes on its way to its handler. */
export interface Desk {
  readonly store: Store;
  readonly faults: Faults;
  readonly limits: Limits;
  readonly log: CallLog;
}

const GARBAGE: Answer = {
  status: 200,
  body: '<!DOCTYPE html><html><body><h1>We will be right back</h1></body></html>',
  headers: { 'Content-Type': 'text/html; charset=utf-8' },
};

/** The answer that is sent instead of a sensible one; null where the rule spoils no body. */
function spoilt(rule: FaultRule | null): Answer | null {
  if (rule?.kind === 'garbage') return GARBAGE;
  return rule?.kind === 'huge' || rule?.kind === 'drip' ? { status: 200, endless: rule.kind } : null;
}

function send(res: Response, { status, body, headers = {}, endless }: Answer): void {
  if (res.destroyed) return;
  if (endless !== undefined) {
    sendEndless(res, endless).catch(() => res.destroy());
    return;
  }
  res.status(status).set(headers);
  if (body === undefined) res.end();
  else res.send(body);
}

/** The refusal that comes before anything is applied, if there is one. */
function refusal(rule: FaultRule | null, waitMs: number | null, words: Wording, req: Request): Answer | null {
  if (waitMs !== null) return words.rateLimited(Math.max(1, Math.ceil(waitMs / 1000)));
  if (rule?.kind === 'rate_limit') return words.rateLimited(rule.retryAfter);
  if (rule?.kind === 'error' && rule.applied !== true) return words.failed(rule.status, rule.error);
  return (rule?.applied === true ? null : spoilt(rule)) ?? words.unauthorised(req);
}

/** The answer that the caller sees instead of the handler's; null: the connection just ends. */
function disguise(rule: FaultRule | null, answer: Answer, words: Wording): Answer | null {
  if (rule?.kind === 'drop_after') return null;
  const body = spoilt(rule);
  if (body !== null) return body;
  return rule?.kind === 'error' ? words.failed(rule.status, rule.error) : answer;
}

/**
 * Makes an Express handler of one method of a vendor: counts the call, plays the faults and limits that are on,
 * checks credentials, runs the handler and records what came of it.
 */
export function takeCalls<S extends System>(desk: Desk, system: S, words: Wording) {
  const { store, faults, limits, log } = desk;
  return (method: (typeof METHODS)[S][number], handler: Handler): RequestHandler => {
    const name = `${system}.${method}`;
    return async (req, res) => {
      log.count(name);
      const channel = words.channelOf(req);
      const { rule, latencyMs } = faults.next(name, channel);
      if (latencyMs > 0) await delay(latencyMs, undefined, { ref: false });
      const now = store.now();
      const record = (outcome: CallRecord['outcome'], answer: Answer | null): void => {
        const answered = answer !== null && !req.socket.destroyed;
        log.add({ at: new Date(now).toISOString(), method: name, outcome, status: answer?.status ?? null, answered });
      };
      if (rule?.kind === 'reset') {
        record('faulted', null);
        req.socket.resetAndDestroy();
        return;
      }
      const waitMs = limits.refuse(name, channel, now);
      const refused = refusal(rule, waitMs, words, req);
      if (refused !== null) {
        record(refused.status === 429 ? 'limited' : rule?.kind === undefined ? 'rejected' : 'faulted', refused);
        return send(res, refused);
      }
      let applied = false;
      const answered = (rule?.kind === undefined || rule.kind === 'rate_limit') && !req.socket.destroyed;
      const answer = handler({
        request: req,
        now,
        commit: (change) => {
          store.commit(change, { system, method, answered });
          applied = true;
        },
      });
      const shown = disguise(rule, answer, words);
      record(
        applied ? 'applied' : words.refuses(answer) ? 'rejected' : 'read',
        answered ? answer : shown === null ? null : shown,
      );
      if (shown === null) req.socket.destroy();
      else send(res, shown);
    };
  };
}
