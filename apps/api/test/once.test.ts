import { expect, it } from 'vitest';
import { once } from '../dist/once.js';

it('makes it once for all who ask, and anew after it could not be made', async () => {
  let tries = 0;
  const load = once(async () => {
    tries += 1;
    await Promise.resolve();
    if (tries === 1) throw new Error('the file cannot be read');
    return { tries };
  });
  const first = await Promise.allSettled([load(), load()]);
  expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(tries).toBe(1);
  const [one, two] = await Promise.all([load(), load()]);
  expect(one).toBe(two);
  expect(await load()).toEqual({ tries: 2 });
});
