import {
  type Permit,
  type RateGate,
  type Scope,
  type Vendor,
  VendorError,
  type VendorFailure,
  createVendor,
} from '@deptracker/resilience';
import { createMetrics } from '@deptracker/runtime';
import { type SlackClient, createSlackClient, createSlackProbe, slackScopes } from '@deptracker/slack';

/** Slack's own limits. */
export const SCOPES = slackScopes({ total: 120, postsPerChannel: 60, edits: 50, pages: 50 });

export const TOKEN = 'xoxb-very-secret';

/** A client over a vendor whose gate lets everything through and remembers it. */
export function clientOf(
  apiUrl: string,
  timeoutMs = 20_000,
): { slack: SlackClient; vendor: Vendor; acquired: string[][]; blocks: { scope: string; ms: number }[] } {
  const acquired: string[][] = [];
  const blocks: { scope: string; ms: number }[] = [];
  const gate: RateGate = {
    acquire: (scopes: readonly Scope[]) => {
      acquired.push(scopes.map(({ name }) => name));
      return Promise.resolve({ ok: true });
    },
    block: (scope, ms) => {
      blocks.push({ scope, ms });
      return Promise.resolve();
    },
  };
  const account = { token: TOKEN, apiUrl };
  const vendor = createVendor({
    name: 'slack',
    gate,
    breaker: { intervalMs: 60_000, leastSample: 10, openMs: 30_000 },
    timeoutMs,
    probe: createSlackProbe(account),
    probeScopes: SCOPES('auth.test'),
    metrics: createMetrics({ service: 'test' }).registry,
    logger: { info: () => undefined, warn: () => undefined },
    readRetryMs: 1,
  });
  return { slack: createSlackClient({ ...account, vendor, scopes: SCOPES }), vendor, acquired, blocks };
}

/** How a call failed; a call that did not fail, or not with a VendorError, fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<VendorFailure & { readonly message: string }> {
  const caught: unknown = await call.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!(caught instanceof VendorError)) throw caught;
  return { ...caught.failure, message: caught.message };
}

/** A permit for these scopes; the gate of these tests always has one. */
export async function permitFor(vendor: Vendor, scopes: readonly Scope[]): Promise<Permit> {
  const permit = await vendor.reserve(scopes, 0);
  if (!('used' in permit)) throw new Error('no permit');
  return permit;
}
