import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from './support/contract.js';
import { requests } from './support/generate.js';
import { given } from './support/given.js';
import { send } from './support/send.js';
import { commandForm, homeClickPayload, homeEvent, submissionPayload } from './support/slack-payloads.js';
import { clickPayload, signed } from './support/slack-stub.js';
import { type Answer, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

// Every call fails where its answer is not as described (support/contract.ts).
const RUNS = 60;

/** Where the document allows more than is taken: what only a look at the whole value can tell. */
const LOOSE = /^(from|to|cursor|\/metadata.*)$/;

const places = ({ body }: Answer): string[] =>
  (body.errors as { pointer?: string; parameter?: string; header?: string }[]).map((one) => one.pointer ?? one.parameter ?? one.header ?? '');

/** What changes how the others behave comes last. */
const inOrder = [...operations].sort((a, b) => Number(a.tags.includes('Configurations')) - Number(b.tags.includes('Configurations')));

describe.each(inOrder.map((operation) => ({ operation, name: `${operation.method} ${operation.path}` })))('$name', ({ operation }) => {
  it('takes whatever its description allows, and answers as described', async () => {
    await fc.assert(
      fc.asyncProperty(requests(operation, { bad: false }), fc.boolean(), async (request, there) => {
        const answer = await send(api, operation, there ? await given(api, operation, request) : request);
        if (operation.servers === undefined) expect(answer.status).toBeLessThan(500);
        if (answer.body.type === '/problems/invalid-request') expect(places(answer).filter((place) => !LOOSE.test(place))).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it('refuses whatever else it gets as described', async () => {
    await fc.assert(
      fc.asyncProperty(requests(operation, { bad: true }), fc.boolean(), async (request, there) => {
        const answer = await send(api, operation, there ? await given(api, operation, request) : request);
        if (operation.servers === undefined) expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('a signed payload of Slack', () => {
  const odd = fc.oneof(fc.jsonValue(), fc.constantFrom(null, '', 0, {}, [], '\0', 'x'.repeat(5000)));

  /** The same with what stands at one place taken away or made odd. */
  function spoiled(whole: unknown, place: readonly string[], wrong: unknown): unknown {
    const [step, ...rest] = place;
    if (step === undefined || typeof whole !== 'object' || whole === null) return wrong;
    if (Array.isArray(whole)) return whole.map((one: unknown) => spoiled(one, rest, wrong));
    return { ...whole, [step]: spoiled((whole as Record<string, unknown>)[step], rest, wrong) };
  }

  function placesIn(value: unknown): string[][] {
    if (typeof value !== 'object' || value === null) return [[]];
    return [[], ...Object.entries(value).flatMap(([name, one]) => placesIn(one).map((rest) => [name, ...rest]))];
  }

  interface Kind {
    readonly name: string;
    readonly make: (id: string) => object;
    readonly encode: (payload: unknown) => string;
    readonly type?: string;
  }

  const form = (payload: unknown): string => new URLSearchParams({ payload: JSON.stringify(payload) ?? '' }).toString();
  const text = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
  const fields = (payload: unknown): string => new URLSearchParams(Object.entries(payload ?? {}).map(([name, value]): [string, string] => [name, text(value)])).toString();
  const KINDS: readonly Kind[] = [
    { name: 'a click', make: (deploymentId) => clickPayload({ deploymentId }), encode: form },
    { name: 'a press of Reject in Home', make: (deploymentId) => homeClickPayload({ deploymentId, action: 'deptracker_reject' }), encode: form },
    { name: 'a submission', make: (deploymentId) => submissionPayload({ deploymentId }), encode: form },
    { name: 'a command', make: () => Object.fromEntries(new URLSearchParams(commandForm('what production'))), encode: fields },
    { name: 'an event', make: () => ({ ...(JSON.parse(homeEvent()) as object), authorizations: [{ team_id: 'T0SANDBOX', enterprise_id: null }] }), encode: (payload) => JSON.stringify(payload) ?? '', type: 'application/json' },
  ];

  it.each(KINDS)('that is $name, with something wrong anywhere in it, is never a fault of ours', async ({ make, encode, type }) => {
    const { id } = await api.create();
    const whole = make(id as string);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...placesIn(whole)), fc.oneof(odd, fc.constant(undefined)), async (place, wrong) => {
        const body = encode(spoiled(whole, place, wrong));
        const answer = await api.call('POST', '/api/slack/webhook', body, { ...signed(body), ...(type === undefined ? {} : { 'content-type': type }) });
        expect([answer.status, answer.status < 500]).toEqual([answer.status, true]);
      }),
      { numRuns: 250 },
    );
  });
});
