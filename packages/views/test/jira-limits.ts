import type { Adf } from '@deptracker/views';
import { expect } from 'vitest';

interface Node {
  readonly type: string;
  readonly text?: string;
  readonly content?: readonly Node[];
}

const nodes = (node: Node): Node[] => [node, ...(node.content ?? []).flatMap(nodes)];

/** The text of each paragraph or heading. */
export const lines = (adf: Adf): string[] =>
  nodes(adf)
    .filter(({ type }) => type === 'paragraph' || type === 'heading')
    .map(({ content = [] }) => content.map(({ text }) => text ?? '\n').join(''));

/** What Jira refuses: empty texts and lists, unseen characters, too much. */
export function expectAccepted(adf: Adf): void {
  for (const { type, text, content } of nodes(adf)) {
    if (type === 'text') expect(text).toMatch(/^[\t\P{C}\p{Cf}\p{Co}\p{Cn}]+$/u);
    if (type === 'bulletList' || type === 'listItem') expect(content?.length).toBeGreaterThan(0);
  }
  expect(JSON.stringify(adf).length).toBeLessThanOrEqual(32_767);
}
