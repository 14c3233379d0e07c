import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TEMPLATE_PURPOSES, type TemplatePurpose } from '@deptracker/domain';
import { type DescribedVariable, PURPOSE_RULES, describedVariables } from '@deptracker/views';
import { expect, it } from 'vitest';

const docs = readFileSync(join(import.meta.dirname, '../../../docs/templates.md'), 'utf8');

/** The rows of the table with this heading. */
function rows(heading: string): string[] {
  const [, table = ''] = docs.split(`${heading}\n`);
  const [body = ''] = table.split('\n\n');
  return body.split('\n').slice(1).filter((row) => row !== '');
}

const code = (text: string): string => `\`${text.replaceAll('\n', '⏎')}\``;

it('the documentation has every purpose with its limits', () => {
  expect(rows('| purpose | what | lines | at most | of these its own |')).toEqual(
    TEMPLATE_PURPOSES.map((purpose) => {
      const { meaning, lines, limit, literal } = PURPOSE_RULES[purpose];
      return `| \`${purpose}\` | ${meaning} | ${lines} | ${limit} | ${literal} |`;
    }),
  );
});

it('the documentation has every variable with its meaning, an example and its purposes', () => {
  const all = new Map<string, DescribedVariable & { purposes: TemplatePurpose[] }>();
  for (const purpose of TEMPLATE_PURPOSES) {
    for (const one of describedVariables(purpose)) {
      const known = all.get(one.name);
      all.set(one.name, { ...one, example: known?.example ?? one.example, purposes: [...(known?.purposes ?? []), purpose] });
    }
  }
  expect(rows('| variable | kind | meaning | example | in |')).toEqual(
    [...all.values()].map(({ name, kind, meaning, example, purposes }) => {
      const where = purposes.length === TEMPLATE_PURPOSES.length ? 'all' : purposes.map(code).join(', ');
      return `| ${code(name)} | ${kind} | ${meaning} | ${example === null ? '' : code(example)} | ${where} |`;
    }),
  );
});
