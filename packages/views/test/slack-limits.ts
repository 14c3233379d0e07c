import type { Block, SlackMessage } from '@deptracker/views';
import { expect } from 'vitest';

const LONE_SURROGATE = /\p{Cs}/u;
const DATE = String.raw`<!date\^\d+\^\{date_short_pretty\} \{time\}\|[0-9TZ:.-]+>`;
const OUR_TOKEN = new RegExp(String.raw`${DATE}|<@[UW][A-Z0-9]{1,20}>|<https?://[^<>|\s]+\|[^<>]*>`, 'g');
const BARE_AMPERSAND = /&(?!amp;|lt;|gt;)/;

/** Every text of a block, as Slack counts it. */
export function textsOf(block: Block): string[] {
  switch (block.type) {
    case 'header':
      return [block.text.text];
    case 'section':
      return 'fields' in block ? block.fields.map(({ text }) => text) : [block.text.text];
    case 'context':
      return block.elements.map(({ text }) => text);
    case 'actions':
      return block.elements.map(({ text }) => text.text);
  }
}

/** Nothing that Slack would act upon is left but the tokens that we write ourselves. */
export function expectInert(text: string): void {
  const rest = text.replace(OUR_TOKEN, '');
  expect(rest).not.toMatch(/[<>]/);
  expect(text).not.toMatch(BARE_AMPERSAND);
  expect(text).not.toMatch(LONE_SURROGATE);
}

function expectBlock(block: Block): void {
  for (const text of textsOf(block)) {
    expectInert(text);
    expect(text.length).toBeGreaterThan(0);
  }
  if (block.type === 'header') expect(block.text.text.length).toBeLessThanOrEqual(150);
  if (block.type === 'context') expect(textsOf(block).every((text) => text.length <= 3000)).toBe(true);
  if (block.type === 'section') {
    const fields = 'fields' in block;
    expect(textsOf(block).length).toBeLessThanOrEqual(fields ? 10 : 1);
    expect(textsOf(block).every((text) => text.length <= (fields ? 2000 : 3000))).toBe(true);
  }
  if (block.type === 'actions') {
    expect(block.elements.length).toBeLessThanOrEqual(25);
    expect(block.elements.every(({ text, value }) => text.text.length <= 75 && value.length <= 2000)).toBe(true);
  }
}

/** All of Slack's documented limits, and nothing unescaped. */
export function expectPostable({ text, blocks }: SlackMessage): void {
  expectInert(text);
  expect(text.length).toBeGreaterThan(0);
  expect(text.length).toBeLessThanOrEqual(4000);
  expect(blocks.length).toBeLessThanOrEqual(50);
  blocks.forEach(expectBlock);
  expect(blocks.flatMap(textsOf).join('').length).toBeLessThanOrEqual(13_000);
}
