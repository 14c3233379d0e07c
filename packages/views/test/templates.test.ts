import { TEMPLATE_PURPOSES, type TemplatePurpose } from '@deptracker/domain';
import { PURPOSE_RULES, type Templates, approvalMessage, compileTemplate, describedVariables, digestMessage, exampleSubject, noticeLine, previewTemplate, replyMessage, ticketFields } from '@deptracker/views';
import { describe, expect, it } from 'vitest';
import { decision, deployment, event } from './fixtures.js';
import { textsOf } from './slack-limits.js';
import { inForce, valid } from './template-fixtures.js';

const only = (purpose: TemplatePurpose, body: string): Templates => inForce(valid(purpose, body));

/** What is wrong, as `line:column message`. */
function mistakes(purpose: TemplatePurpose, body: string): string[] {
  const compiled = compileTemplate(purpose, body);
  return 'mistakes' in compiled ? compiled.mistakes.map(({ line, column, message }) => `${line}:${column} ${message}`) : [];
}

const tags = (count: number): string => '{{deployment.id}}'.repeat(count);

type Case = [purpose: TemplatePurpose, body: string, expected: readonly (string | RegExp)[]];

describe('a template is refused, with the place, where', () => {
  it.each<Case>([
    ['approval', 'a\n  {{deployment.version', [/^2:3 \{\{ is not closed with \}\}$/]],
    ['approval', '{{deployment.version {{deployment.ref}}', [/^1:1 .*before the next one$/]],
    ['approval', 'x\n\n{{/deployment}}', [/^3:1 \{\{\/deployment\}\} closes a section that was never opened$/]],
    ['approval', '😀 {{#deployment.ref}}x', [/^1:3 the section \{\{#deployment\.ref\}\} is not closed/]],
    ['approval', '{{#ticket}}{{#deployment.ref}}{{/ticket}}{{/deployment.ref}}', [/^1:31 \{\{\/ticket\}\} stands where \{\{\/deployment\.ref\}\}/, /^1:42 /]],
    ['notice', 'ok {{deployment.projet}}', ['1:4 {{deployment.projet}} is not known in a notice template; the nearest is deployment.project']],
    ['notice', '{{project}}', [/the nearest is deployment\.project$/]],
    ['notice', '{{event.version}}', [/the nearest is deployment\.version$/]],
    ['email-subject', '{{#deployment.linkz}}x{{/deployment.linkz}}', [/^1:1 \{\{#deployment\.linkz\}\} is not known in an email-subject template; the nearest is deployment\.links$/]],
    ['ticket-summary', '{{deployment.status}}', [/^1:1 .* not known in a ticket-summary template/]],
    ['notice', '{{xxxxxxxxxxxxxxxxxxxxxxx}}', [/GET \/templates\/variables/]],
    ['notice', '{{constructor}}{{__proto__}}{{toString}}{{.}}{{}}', [/constructor/, /__proto__/, /toString/, /\{\{\.\}\}/, /\{\{\}\}/]],
    ['notice', '{{deployment.metadata}}', [/is a group; name one of its members/]],
    ['notice', '{{#deployment.metadata}}{{x}}{{/deployment.metadata}}', [/^1:1 deployment\.metadata is no section/]],
    ['notice', '{{deployment}}', [/^1:1 deployment is a group; name one of its members, such as deployment\.id$/]],
    ['notice', '{{deployment.links}}', [/^1:1 deployment\.links is a list; write \{\{#deployment\.links\}\}/]],
    ['notice', '{{thread}}', [/^1:1 thread is only for sections/]],
    ['notice', '{{title}}', [/not known/]],
    ['approval', '{{{deployment.ref}}}', [/^1:1 \{\{\{name\}\}\} is refused: what it writes would not be escaped/]],
    ['approval', 'a {{& deployment.ref}}', [/^1:3 \{\{&name\}\} is refused/]],
    ['approval', '{{> other}}', [/^1:1 \{\{>name\}\} is refused/]],
    ['approval', '{{=<% %>=}}', [/^1:1 \{\{=…=\}\} is refused/]],
    ['approval', '{{ { deployment.ref}}', [/refused/]],
    ['approval', 'Hey <!channel>', ['1:5 <!channel> is refused: it would call many people with every message']],
    ['approval', '<!{{! }}here>', [/^1:1 < begins neither/]],
    ['approval', '<https://x.example/{{deployment.ref}}|log>', [/^1:1 < begins neither a link nor a mention; .*without variables/]],
    ['approval', '<javascript:alert(1)|x>', [/^1:1 </]],
    ['approval', 'a < b', [/^1:3 </]],
    ['approval', '\n', [/^1:1 a template may not be blank/]],
    ['ticket-summary', '{{deployment.project}}\n{{deployment.version}}', [/^1:23 a ticket-summary is one line/]],
    ['ticket-summary', `${'x'.repeat(100)}{{deployment.project}}${'y'.repeat(56)}`, [/^1:123 from here on the template itself says more than 155 characters/]],
    ['approval', '{{deployment.id}}&'.padEnd(2014, '&'), [/^1:18 .*more than 2000 characters/]],
    ['notice', `{{#deployment.links}}1234567{{/deployment.links}}`, [/^1:22 .*of which each in a list counts 20 times/]],
    ['approval', '{{#deployment.links}}{{#approval.decisions}}x{{/approval.decisions}}{{/deployment.links}}', [/^1:22 approval\.decisions is a list within a list/]],
    ['approval', `${'{{#ticket}}'.repeat(6)}${'{{/ticket}}'.repeat(6)}`, [/nested more than 5 deep/]],
    ['approval', tags(201), [/^1:3401 there are more than 200 tags$/]],
    ['approval', `{{! ${'x'.repeat(200)} }}`, [/^1:1 a tag has more than 200 characters$/]],
    ['approval', '{{a}} {{b}}\n{{c}}', [/^1:1 /, /^1:7 /, /^2:1 /]],
  ])('%s is %s', (purpose, body, expected) => {
    const found = mistakes(purpose, body);
    expect(found).toHaveLength(expected.length);
    expected.forEach((one, index) => (typeof one === 'string' ? expect(found[index]).toBe(one) : expect(found[index]).toMatch(one)));
  });
});

describe('a template is taken where it', () => {
  it.each<[TemplatePurpose, string, string]>([
    ['approval', 'R&D &amp; > {{deployment.project}}', 'R&amp;D &amp; &gt; user-service'],
    ['approval', '*See* <https://x.example/a?b=1&c=2|the book> or <@U12>\n', '*See* <https://x.example/a?b=1&amp;c=2|the book> or <@U12>'],
    ['approval', '{{#deployment}}{{version}} {{ref}}{{/deployment}}', '1.4.2 main'],
    ['approval', '{{#deployment.links}}\n• {{link}} {{deployment.version}}\n{{/deployment.links}}', '• <https://x.example/|a &amp; b> 1.4.2\n• no 1.4.2'],
    ['approval', '{{#ticket}}{{key}}{{/ticket}}{{^ticket}}none{{/ticket}}', 'none'],
    ['approval', '{{#approval.missing}}{{approval.missing}} of {{approval.required}} to go{{/approval.missing}}', '1 of 2 to go'],
    ['approval', '{{deployment.metadata.team}}{{deployment.metadata.nobody}} {{deployment.metadata.size}}{{deployment.metadata.__proto__}}', 'A &amp; B 3'],
    ['approval', '{{#approval.decisions}}{{actor}} {{verb}}: {{reason}}{{/approval.decisions}}', 'alice@example.com approved: looks good'],
    ['approval', '{{deployment.shortCommit}}{{! a comment }}', 'abc1234'],
  ])('%s says %s', (purpose, body, expected) => {
    const links = [{ title: 'a & b', url: 'https://x.example/' }, { title: 'no', url: 'none' }];
    const approval = { ...deployment().approval, decisions: [decision()] };
    const about = deployment({ links, approval, metadata: { team: 'A & B', size: 3, none: null } });
    const { blocks } = approvalMessage(about, { ticket: null, templates: only(purpose, body) });
    expect(blocks[2]).toEqual({ type: 'section', text: { type: 'mrkdwn', text: expected } });
  });
});

describe('a template decides', () => {
  it('one text of the approval message, and never facts, decisions or buttons', () => {
    const about = deployment({ description: 'words', approval: { ...deployment().approval, decisions: [decision()] } });
    const without = approvalMessage(about, { ticket: null, templates: only('approval', '{{! nothing }}') });
    const builtIn = approvalMessage(about, { ticket: null });
    expect(without.blocks).toEqual(builtIn.blocks.filter((_block, index) => index !== 2));
    expect(builtIn.blocks[2]).toMatchObject({ text: { text: 'words' } });
    expect(without.blocks.flatMap(textsOf).join()).toContain('alice@example.com approved');
  });

  it('the line of a notice, in a thread and on its own', () => {
    const templates = only('notice', '{{#thread}}re: {{/thread}}{{deployment.project}} {{event.sentence}}{{#event.reason}} – {{event.reason}}{{/event.reason}}');
    expect(replyMessage(deployment(), event(), templates).text).toBe('re: user-service rollout started');
    expect(noticeLine(deployment(), event(), templates)).toBe('user-service rollout started');
    expect(digestMessage([{ deployment: deployment(), event: event() }], templates).text).toBe('user-service rollout started');
    const rejected = deployment({ approval: { ...deployment().approval, decisions: [decision({ decision: 'reject', reason: 'no\nway' })] } });
    expect(noticeLine(rejected, event({ type: 'deployment.rejected' }), templates)).toMatch(/– no way$/);
  });

  it('the summary and the first text of a ticket', () => {
    const summary = ticketFields(deployment(), only('ticket-summary', '[{{deployment.environment}}] {{deployment.project}}'));
    expect(summary.summary).toBe('[production] user-service');
    const { description } = ticketFields(deployment({ ref: '<b> & *c*' }), only('ticket-description', 'Ref {{deployment.ref}}\n\nSecond'));
    expect(description.content.slice(0, 3)).toEqual([
      { type: 'paragraph', content: [{ type: 'text', text: 'Ref <b> & *c*' }] },
      { type: 'paragraph', content: [{ type: 'text', text: 'Second' }] },
      { type: 'heading', attrs: { level: 3 }, content: [{ type: 'text', text: 'Deployment' }] },
    ]);
    expect(JSON.stringify(description)).toContain('Approval');
  });

  it('nothing where it says nothing and something must be said', () => {
    const about = deployment({ description: null });
    expect(ticketFields(about, only('ticket-summary', '{{deployment.description}}')).summary).toBe('user-service 1.4.2 → production');
    expect(replyMessage(about, event(), only('notice', '{{deployment.description}}')).text).toBe(':rocket: Rollout started');
  });
});

describe('a preview', () => {
  it.each(TEMPLATE_PURPOSES)('of the built-in template %s shows what is sent', (purpose) => {
    const subject = exampleSubject(purpose);
    const preview = previewTemplate(valid(purpose, PURPOSE_RULES[purpose].builtIn), subject, only(purpose, PURPOSE_RULES[purpose].builtIn));
    expect(preview.plain).not.toBe('');
    expect(preview.messages.map(({ kind }) => kind)).toEqual(
      purpose === 'approval' ? ['slack.approval'] : purpose === 'notice' ? ['slack.reply', 'slack.digest'] : [],
    );
    expect(preview.ticket === null).toBe(!purpose.startsWith('ticket'));
    expect(preview.email === null).toBe(!purpose.startsWith('email'));
    if (purpose === 'approval') expect(preview.plain).toContain('sign-in & fewer <errors>');
  });
});

describe('the variables', () => {
  it.each(TEMPLATE_PURPOSES)('that are listed for %s are those that a template may name', (purpose) => {
    for (const { name, kind } of describedVariables(purpose)) {
      const [list, member] = name.split('[].');
      const plain = name.replace('<name>', 'team');
      const body = member !== undefined ? `{{#${list}}}{{${member}}}{{/${list}}}` : kind === 'text' || kind === 'number' ? `{{${plain}}}` : `{{#${plain}}}x{{/${plain}}}`;
      expect(mistakes(purpose, body)).toEqual([]);
    }
  });
});
