import { type Deployment, type LinkedRequest, STATUSES, promotion, rollBack, rollback } from '@deptracker/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { START, admitted, after, frozen, policy, refusalOf } from './fixtures.js';

const anyAsked: fc.Arbitrary<LinkedRequest> = fc.record({
  description: fc.option(fc.string(), { nil: null }),
  requestedBy: fc.option(fc.emailAddress(), { nil: null }),
  source: fc.option(fc.string(), { nil: null }),
  externalId: fc.option(fc.string(), { nil: null }),
  links: fc.constant([]),
  metadata: fc.dictionary(fc.string(), fc.string()),
});

const anyVersion = fc.constantFrom('1.0', '1.1', '2.0');
const anyDeployment: fc.Arbitrary<Deployment> = fc
  .record({ id: fc.uuid(), status: fc.constantFrom(...STATUSES, 'succeeded'), version: anyVersion, commitSha: fc.option(fc.constant('abcdef1'), { nil: null }) })
  .map((changes) => admitted(policy(), { ref: 'main', ...changes }));
const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(one, { nil: null });
const NOTHING: LinkedRequest = { description: null, requestedBy: null, source: null, externalId: null, links: [], metadata: {} };
const succeeded = (changes: Partial<Deployment> = {}): Deployment => admitted(policy(), { status: 'succeeded', finishedAt: START, ...changes });

describe('a rollback', () => {
  it('is made only of what succeeded and still stands, leads elsewhere, and changes nothing else of place', () => {
    fc.assert(
      fc.property(anyDeployment, anyAsked, maybe(anyVersion), maybe(anyDeployment), maybe(anyDeployment), (replaced, asked, version, earlier, successor) => {
        const to = version ?? earlier?.version;
        const make = () => rollback(frozen(replaced), asked, { version, earlier, successor });
        if (replaced.status !== 'succeeded') expect(refusalOf(make)).toEqual({ code: 'not_succeeded', status: replaced.status });
        else if (successor !== null) expect(refusalOf(make)).toEqual({ code: 'superseded', by: successor.id });
        else if (to === undefined) expect(refusalOf(make)).toEqual({ code: 'no_earlier_version' });
        else if (to === replaced.version) expect(refusalOf(make)).toEqual({ code: 'same_as_source', field: 'version' });
        else {
          const { project, environment } = replaced;
          const links = { retryOf: null, rollbackOf: replaced.id, promotedFrom: null };
          const from = { commitSha: earlier?.commitSha ?? null, ref: earlier?.ref ?? null };
          expect(make()).toEqual({ ...asked, project, environment, version: to, ...from, ...links });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('takes a version by its name also where it never ran here', () => {
    expect(rollback(succeeded(), NOTHING, { version: '0.9', earlier: null, successor: null })).toMatchObject({ version: '0.9', commitSha: null });
  });
});

describe('the success of a rollback', () => {
  it('marks what it replaces exactly once, in any order of tries', () => {
    fc.assert(
      fc.property(anyDeployment, fc.array(anyDeployment, { minLength: 1, maxLength: 5 }), (replaced, successes) => {
        let current = frozen(replaced);
        let marks = 0;
        for (const by of successes) {
          const { deployment, events } = rollBack(current, by, after(10), null);
          marks += events.length;
          current = deployment;
        }
        const stood = replaced.status === 'succeeded';
        expect(marks).toBe(stood ? 1 : 0);
        expect(current.status).toBe(stood ? 'rolled_back' : replaced.status);
        if (!stood) expect(current).toBe(replaced);
      }),
    );
  });

  it('says by which deployment, to which version and by whom, and keeps when it was finished', () => {
    const by = succeeded({ id: '01890a5d-ac96-774b-bcce-b302099a8999', version: '1.3.9', requestedBy: 'ann@example.com' });
    const { deployment, events } = rollBack(succeeded({ revision: 5 }), by, after(10), null);
    expect(deployment).toMatchObject({ status: 'rolled_back', revision: 6, finishedAt: START, updatedAt: after(10) });
    expect(events).toEqual([{
      type: 'deployment.rolled_back',
      revision: 6,
      actor: 'ann@example.com',
      data: { from: 'succeeded', to: 'rolled_back', rolledBackBy: by.id, note: 'back to 1.3.9' },
    }]);
    expect(rollBack(succeeded(), by, after(10), 'ci@example.com').events[0]?.actor).toBe('ci@example.com');
  });
});

describe('a promotion', () => {
  it('brings the same version elsewhere, of what succeeded only', () => {
    fc.assert(
      fc.property(anyDeployment, anyAsked, fc.constantFrom('staging', 'production', 'qa'), (source, asked, environment) => {
        const make = () => promotion(frozen(source), asked, environment);
        if (source.status !== 'succeeded') expect(refusalOf(make)).toEqual({ code: 'not_succeeded', status: source.status });
        else if (environment === source.environment) expect(refusalOf(make)).toEqual({ code: 'same_as_source', field: 'environment' });
        else {
          const { project, version, commitSha, ref } = source;
          const links = { retryOf: null, rollbackOf: null, promotedFrom: source.id };
          expect(make()).toEqual({ ...asked, project, environment, version, commitSha, ref, ...links });
        }
      }),
      { numRuns: 300 },
    );
  });
});
