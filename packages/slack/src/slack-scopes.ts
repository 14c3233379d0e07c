import type { Scope } from '@deptracker/resilience';

interface Method {
  readonly kind: 'read' | 'write';
  /** Requests per minute that Slack allows a workspace for this method (its tier), where that is below the total and not set by the caller. */
  readonly perMinute: number | null;
}

/** Every method that the client calls, with Slack's limits (docs.slack.dev/apis/web-api/rate-limits). */
export const SLACK_METHODS = {
  'auth.test': { kind: 'read', perMinute: null },
  'chat.postMessage': { kind: 'write', perMinute: null },
  'chat.update': { kind: 'write', perMinute: null },
  'chat.delete': { kind: 'write', perMinute: 50 },
  'chat.postEphemeral': { kind: 'write', perMinute: 100 },
  'conversations.history': { kind: 'read', perMinute: null },
  'conversations.replies': { kind: 'read', perMinute: null },
  'users.info': { kind: 'read', perMinute: 100 },
  'views.open': { kind: 'write', perMinute: 100 },
  'views.publish': { kind: 'write', perMinute: 100 },
} as const satisfies Readonly<Record<string, Method>>;

export type SlackMethod = keyof typeof SLACK_METHODS;
export type SlackScopes = (method: SlackMethod, channel?: string) => readonly Scope[];

/** Requests per minute of the whole fleet. */
export interface SlackLimits {
  readonly total: number;
  /** Posts to one channel; Slack takes one per second. */
  readonly postsPerChannel: number;
  readonly edits: number;
  /** Pages of a channel's history, and as many of threads. */
  readonly pages: number;
}

const OF_LIMITS: Partial<Record<SlackMethod, 'edits' | 'pages'>> = {
  'chat.update': 'edits',
  'conversations.history': 'pages',
  'conversations.replies': 'pages',
};

/** The scope that a 429 blocks. */
export const methodScope = (method: SlackMethod): string => `slack:${method}`;

/**
 * What a request counts against: the fleet's limit per minute for the workspace, the method (which a 429 blocks), and
 * for posts the channel.
 */
export function slackScopes(limits: SlackLimits): SlackScopes {
  const own = (method: SlackMethod): number | null => {
    const name = OF_LIMITS[method];
    return name === undefined ? SLACK_METHODS[method].perMinute : limits[name];
  };
  return (method, channel) => [
    { name: 'slack', perMinute: limits.total },
    { name: methodScope(method), perMinute: own(method) },
    ...(method === 'chat.postMessage' && channel !== undefined
      ? [{ name: `${methodScope(method)}:${channel}`, perMinute: limits.postsPerChannel }]
      : []),
  ];
}
