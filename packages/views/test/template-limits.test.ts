import { TEMPLATE_PURPOSES, type TemplatePurpose } from '@deptracker/domain';
import { type Template, approvalMessage, compileTemplate, describedVariables, digestMessage, noticeLine, previewTemplate, replyMessage, ticketFields } from '@deptracker/views';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyDeployment, anyEvent, anyText, deployment, event } from './fixtures.js';
import { expectAccepted } from './jira-limits.js';
import { expectInert, expectPostable } from './slack-limits.js';
import { inForce } from './template-fixtures.js';

const literal = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(' ', ': ', '*', '_', ' – ', '&', '&amp;', '>', 'R&D', '`', '}', '{ ', '  ', ':tada:', '\u202E', 'x'.repeat(15)) },
  { weight: 1, arbitrary: fc.constantFrom('<https://x.example/a?b=1&c=2|R&D book>', '<@U0ANN>', '\n', '\n\n', ' <', '<!channel>', '|', '!here>', '@channel>') },
  { weight: 1, arbitrary: anyText.map((text) => text.slice(0, 20).replaceAll('{{', '')) },
);

/** Templates of a purpose, most of which are valid: what is named is known. */
function anyTemplate(purpose: TemplatePurpose): fc.Arbitrary<string> {
  const names = describedVariables(purpose);
  const single = names.filter(({ name, kind }) => (kind === 'text' || kind === 'number') && !name.includes('[]')).map(({ name }) => name.replace('<name>', 'team'));
  const lists = names.filter(({ kind }) => kind === 'list').map(({ name }) => name);
  const section = (name: string, sign: string, inner: string): string => `{{${sign}${name}}}${inner}{{/${name}}}`;
  const { text } = fc.letrec<{ text: string; part: string }>((tie) => ({
    text: fc.array(tie('part'), { maxLength: 6 }).map((parts) => parts.join('')),
    part: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      literal,
      fc.constantFrom(...single).map((name) => `{{${name}}}`),
      fc.tuple(fc.constantFrom(...single), fc.constantFrom('#', '^'), tie('text')).map(([name, sign, inner]) => section(name, sign, inner)),
      fc.tuple(fc.constantFrom(...lists), tie('text')).map(([list, inner]) => {
        const members = names.filter(({ name }) => name.startsWith(`${list}[].`)).map(({ name }) => `{{${name.slice(list.length + 3)}}}`);
        return section(list, '#', `${members.join('')}${inner}`);
      }),
    ),
  }));
  return text;
}

const compiled = (purpose: TemplatePurpose): fc.Arbitrary<Template> =>
  anyTemplate(purpose)
    .map((body) => compileTemplate(purpose, body))
    .filter((result): result is { template: Template } => 'template' in result)
    .map(({ template }) => template);

const ticket = fc.option(fc.record({ key: anyText, url: anyText }), { nil: null });
const metadata = fc.record({ team: fc.oneof(anyText, fc.jsonValue()) }, { requiredKeys: [] });
const anyWithMetadata = fc.tuple(anyDeployment, metadata).map(([one, data]) => ({ ...one, metadata: data }));

/* A deployment with the most of everything that the API takes, of characters that grow when they are escaped. */
const most = (length: number): string => '&<😀"'.repeat(length).slice(0, length);
const BIGGEST = deployment({
  project: most(200), environment: most(200), version: most(200), commitSha: 'f'.repeat(64), ref: most(255), description: most(4000),
  requestedBy: `${'a'.repeat(240)}@example.com`, source: most(200), externalId: most(200),
  links: Array.from({ length: 20 }, () => ({ title: most(200), url: `https://x.example/${'&'.repeat(1900)}` })),
  metadata: { team: most(16_000) },
  approval: { ...deployment().approval, required: 100, decisions: Array.from({ length: 100 }, (_one, index) => ({ decision: 'approve' as const, actor: `${'b'.repeat(200)}${index}@example.com`, reason: most(2000), at: new Date() })) },
});

describe('whatever a template says that could be saved, and whatever it tells of', () => {
  it('an approval message can be posted', () => {
    fc.assert(fc.property(compiled('approval'), fc.oneof(anyWithMetadata, fc.constant(BIGGEST)), ticket, (template, about, known) => {
      expectPostable(approvalMessage(about, { ticket: known, templates: inForce(template) }));
    }));
  });

  it('replies and digests of fifty can be posted, each notice on one line', () => {
    fc.assert(fc.property(compiled('notice'), fc.oneof(anyWithMetadata, fc.constant(BIGGEST)), anyEvent, (template, about, happened) => {
      const templates = inForce(template);
      const { text } = replyMessage(about, happened, templates);
      expectInert(text);
      expect(text).toMatch(/^[^\n]{1,4000}$/u);
      expect(text.length).toBeLessThanOrEqual(4000);
      const line = noticeLine(about, happened, templates);
      expect(line).toMatch(/^[^\n]+$/u);
      expect(line.length).toBeLessThanOrEqual(255);
      expectPostable(digestMessage(Array.from({ length: 50 }, () => ({ deployment: about, event: happened })), templates));
    }));
  });

  it('a ticket is something that Jira accepts, its summary one line', () => {
    fc.assert(fc.property(compiled('ticket-summary'), compiled('ticket-description'), fc.oneof(anyWithMetadata, fc.constant(BIGGEST)), (first, second, about) => {
      const { summary, description } = ticketFields(about, inForce(first, second));
      expect(summary).toMatch(/^[^\r\n\p{Cs}]+$/u);
      expect(summary.length).toBeLessThanOrEqual(255);
      expectAccepted(description);
    }));
  });

  it('an e-mail has a subject of one line', () => {
    fc.assert(fc.property(compiled('email-subject'), anyWithMetadata, anyEvent, (template, about, happened) => {
      const { email } = previewTemplate(template, { deployment: about, event: happened, ticket: null }, inForce(template));
      expect(email?.subject).toMatch(/^[^\r\n]{1,255}$/u);
    }));
  });
});

describe('checking a template', () => {
  it('never fails, whatever it is given, and says a place within it', () => {
    const soup = fc.array(fc.oneof(anyText, fc.constantFrom('{{', '}}', '{{{', '{{#', '{{/', '{{^thread}}', '{{=', '{{!', '\n', '<', '{{deployment.')), { maxLength: 12 });
    fc.assert(fc.property(fc.constantFrom(...TEMPLATE_PURPOSES), soup.map((parts) => parts.join('')), (purpose, body) => {
      const result = compileTemplate(purpose, body);
      if ('template' in result) return;
      expect(result.mistakes.length).toBeGreaterThan(0);
      expect(result.mistakes.length).toBeLessThanOrEqual(50);
      const lines = body.split(/\r\n?|\n/u);
      for (const { line, column, message } of result.mistakes) {
        expect(message).not.toBe('');
        expect([...(lines[line - 1] ?? '')].length + 1).toBeGreaterThanOrEqual(column);
      }
    }));
  });

  const section = '{{#deployment.links}}{{deployment.description}}{{deployment.metadata.team}}{{/deployment.links}}';

  it.each([
    ['blanks', ' '.repeat(10_000).concat('x').slice(1)],
    ['a tag of blanks', `{{${' '.repeat(9_990)}}}`],
    ['tags that never end', '{{'.repeat(5_000)],
    ['tags', '{{a}}'.repeat(2_000)],
    ['sections', '{{#a}}'.repeat(1_600)],
    ['tags with blanks', `{{${' '.repeat(90)}deployment.id${' '.repeat(90)}}}`.repeat(50)],
    ['angles', '<'.repeat(10_000)],
    ['line ends', '\n '.repeat(5_000)],
    ['wrong names', `{{${'deployment.projec'.repeat(3)}}}`.repeat(180)],
    ['lists that write much', section.repeat(49)],
    ['line ends in lists', `{{#deployment.links}}${' \n'.repeat(190)}{{/deployment.links}}`],
  ])('and rendering it is quick: %s', (_name, body) => {
    const begun = process.cpuUsage();
    for (const purpose of TEMPLATE_PURPOSES) {
      const result = compileTemplate(purpose, body);
      if ('template' in result) previewTemplate(result.template, { deployment: BIGGEST, event: event(), ticket: null }, inForce(result.template));
    }
    const { user, system } = process.cpuUsage(begun);
    // All six purposes take about 30 ms; what grows with the square of the length would take seconds.
    expect((user + system) / 1000).toBeLessThan(1_000);
  });
});
