import { type StoredTemplate, createTemplateReader, noticeLine } from '@deptracker/views';
import { expect, it } from 'vitest';
import { deployment, event } from './fixtures.js';

const told: string[] = [];
let stored: StoredTemplate[] = [];
let asked: (readonly string[])[] = [];

/* As the database does: what is known comes without its body. */
const read = createTemplateReader({
  read: (known) => {
    asked.push(known);
    return Promise.resolve(stored.map((one) => (known.includes(`${one.id}@${one.revision}`) ? { ...one, body: null } : one)));
  },
  onUnusable: ({ id }, mistakes) => told.push(`${id}: ${mistakes[0]?.message}`),
});

const template = (id: string, revision: number, body: string, project: string | null = null): StoredTemplate =>
  ({ id, revision, purpose: 'notice', project, body });

async function says(project = 'user-service'): Promise<string> {
  return noticeLine(deployment({ project }), event(), await read());
}

const BUILT_IN = ':rocket: *user-service* 1.4.2 → production: rollout started';

it('templates are those that are stored, the project\'s own first, each revision read and judged once', async () => {
  expect(await says()).toBe(BUILT_IN);
  stored = [template('a', 1, 'all'), template('b', 1, 'mine', 'billing')];
  expect([await says(), await says('billing')]).toEqual(['all', 'mine']);
  expect(asked.at(-1)).toEqual(['a@1', 'b@1']);
  stored = [template('a', 2, 'changed')];
  expect([await says(), await says('billing')]).toEqual(['changed', 'changed']);
  stored = [template('a', 3, '{{gone}}')];
  asked = [];
  expect([await says(), await says()]).toEqual([BUILT_IN, BUILT_IN]);
  expect(told).toEqual(['a: {{gone}} is not known in a notice template; GET /templates/variables lists what there is']);
  expect(asked).toEqual([['a@2'], ['a@3']]);
  stored = [template('a', 3, '{{gone}}'), template('c', 1, '{{gone}}', 'billing')];
  expect(await says('billing')).toBe(BUILT_IN.replace('user-service', 'billing'));
  stored = [];
  expect(await says()).toBe(BUILT_IN);
});

it('one that was forgotten while it was read is read again', async () => {
  stored = [{ ...template('z', 1, 'x'), body: null }];
  expect(await says()).toBe(BUILT_IN);
  stored = [template('z', 1, 'back')];
  expect(await says()).toBe('back');
});
