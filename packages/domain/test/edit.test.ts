import { type Edit, edit } from '@deptracker/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admitted, after, policy } from './fixtures.js';

const before = admitted(policy(), {
  description: 'old',
  links: [{ title: 'Build', url: 'https://ci.example.com/1' }],
  metadata: { build: 1 },
});

describe('an edit', () => {
  it('changes what differs, and the event says only that', () => {
    const change = edit(before, { description: 'new', metadata: { build: 1 } }, after(5), 'ci@example.com');
    expect(change.deployment).toEqual({ ...before, description: 'new', revision: 2, updatedAt: after(5) });
    expect(change.events).toEqual([
      { type: 'deployment.updated', revision: 2, actor: 'ci@example.com', data: { edit: { description: 'new' } } },
    ]);
  });

  it('takes a description away', () => {
    expect(edit(before, { description: null }, after(5), null).deployment.description).toBeNull();
  });

  it('makes no event where nothing differs', () => {
    const { description, links, metadata } = before;
    for (const same of [{}, { description }, { links: [...links] }, { metadata: { ...metadata } }]) {
      expect(edit(before, same, after(5), null)).toEqual({ deployment: before, events: [] });
    }
  });

  it('makes no event where only the order of fields differs, as a database may change it', () => {
    const built = edit(before, { metadata: { a: 1, bb: { c: 2, d: 3 } } }, after(5), null).deployment;
    expect(edit(built, { metadata: { bb: { d: 3, c: 2 }, a: 1 } }, after(6), null).events).toEqual([]);
    const links = [{ url: 'https://ci.example.com/1', title: 'Build' }];
    expect(edit(before, { links }, after(6), null).events).toEqual([]);
  });

  it('makes no event when it is repeated', () => {
    const link = fc.record({ title: fc.string(), url: fc.webUrl() });
    const anyEdit: fc.Arbitrary<Edit> = fc.record(
      {
        description: fc.option(fc.string(), { nil: null }),
        links: fc.array(link),
        metadata: fc.dictionary(fc.string(), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(anyEdit, (change) => {
        const once = edit(before, change, after(5), null);
        expect(once.deployment).toMatchObject({ status: before.status, approval: before.approval });
        expect(edit(once.deployment, structuredClone(change), after(6), null)).toEqual({
          deployment: once.deployment,
          events: [],
        });
      }),
    );
  });

  it.each(['rejected', 'succeeded', 'rolled_back'] as const)('is possible while %s', (status) => {
    expect(edit({ ...before, status }, { description: 'x' }, after(5), null).deployment).toMatchObject({ status });
  });
});
