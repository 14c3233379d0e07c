import type { Request } from 'express';
import type { Change } from './change.js';

/** What a handler answers; `body` undefined sends none. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** A body without a sensible end instead: 100 MB, or one byte a second. */
  readonly endless?: 'huge' | 'drip';
}

/** What a handler gets: the request and the one way to change anything. */
export interface Call {
  readonly request: Request;
  readonly now: number;
  commit(change: Change): void;
}

/** Plays one method. It runs in one go, so that calls never interleave. */
export type Handler = (call: Call) => Answer;

/** How one vendor words its general answers. */
export interface Wording {
  /** Null if the credentials are right or are not checked. */
  unauthorised(request: Request): Answer | null;
  rateLimited(retryAfterS: number | undefined): Answer;
  failed(status: number | undefined, error: string | undefined): Answer;
  /** Whether an answer refuses the call. */
  refuses(answer: Answer): boolean;
  /** The channel that the call is about. */
  channelOf(request: Request): string | undefined;
}
