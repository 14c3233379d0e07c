import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** What the API does not need to take deployments; each costs a start some tens of milliseconds and the process some megabytes. */
const LATER = ['@slack/bolt', '@slack/web-api', 'knex', 'axios'];

const LOADED = `import('./apps/api/dist/compose.js').then(() => process.stdout.write(Object.keys(require.cache).join('\\n')))`;

describe('the API', () => {
  it('starts without what only some requests need', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', LOADED], { maxBuffer: 10_000_000 });
    const loaded = stdout.split('\n');
    expect(loaded.some((file) => file.includes('/node_modules/express/'))).toBe(true);
    expect(LATER.filter((name) => loaded.some((file) => file.includes(`/node_modules/${name}/`)))).toEqual([]);
  });
});
