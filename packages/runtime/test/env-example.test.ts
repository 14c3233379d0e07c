import { readFileSync } from 'node:fs';
import * as runtime from '@deptracker/runtime';
import {
  CONFIG_SECTIONS,
  type Fragment,
  describeConfig,
  loadConfig,
  processConfig,
  renderEnvExample,
} from '@deptracker/runtime';
import { expect, test } from 'vitest';

const FILE = new URL('../../../.env.example', import.meta.url);
const WRITE =
  "node --input-type=module -e \"import { renderEnvExample } from '@deptracker/runtime'; " +
  'process.stdout.write(renderEnvExample())" > .env.example';

const fragments = CONFIG_SECTIONS.map(({ fragment }) => fragment);

test('.env.example is what the configuration tables say', () => {
  expect(readFileSync(FILE, 'utf8'), `After npm run build, write it again at the root: ${WRITE}`).toBe(
    renderEnvExample(),
  );
});

test('.env.example has every variable of every fragment with its description and default, and nothing else', () => {
  const text = readFileSync(FILE, 'utf8');
  const rows = describeConfig(fragments);
  expect([...text.matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name)).toEqual(rows.map(({ name }) => name));
  for (const row of rows) {
    const at = text.indexOf(`\n#${row.name}=`);
    const paragraph = text.slice(text.lastIndexOf('\n\n', at), at);
    expect(paragraph).toContain(row.description);
    expect(paragraph).toContain(row.required ? 'Required.' : row.default === null ? 'Optional.' : row.default);
  }
});

test('every exported fragment has a section', () => {
  const exported = Object.entries(runtime)
    .filter(([name, value]) => name.endsWith('Config') && typeof value === 'object')
    .flatMap(([, fragment]) => Object.keys(fragment as Fragment));
  const named = describeConfig(fragments).map(({ name }) => name);
  expect(new Set(named)).toEqual(new Set([...Object.keys(processConfig(8080)), ...exported]));
  expect(named.length).toBe(new Set(named).size);
});

test('what .env.example shows can be used as it stands', () => {
  const lines = readFileSync(FILE, 'utf8').matchAll(/^#([A-Z][A-Z0-9_]*)=(.*)$/gm);
  const env = Object.fromEntries([...lines].map(([, name, value]) => [String(name), value]));
  expect(Object.keys(loadConfig({ ...env, NODE_ENV: 'test' }, fragments))).toEqual(Object.keys(env));
});
