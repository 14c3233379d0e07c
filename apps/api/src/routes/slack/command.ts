/** What was asked with a slash command. */
export type Question =
  | { readonly ask: 'latest'; readonly project: string | null; readonly environment: string | null }
  | { readonly ask: 'running'; readonly environment: string }
  | { readonly ask: 'help'; readonly mistake: string | null };

/** No name is longer. */
const LONGEST = 200;
const WORD = /["“”„]([^"“”„]*)["“”„]|(\S+)/gu;
const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

/** Words and names in quotes, straight or as phones write them; what Slack has escaped is as it was written. */
function wordsOf(text: string): Word[] {
  const written = text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity] ?? entity).replace(/[\p{Cc}\p{Cs}]/gu, ' ');
  return [...written.matchAll(WORD)].map(([, quoted, word = '']) => ({ text: (quoted ?? word).trim(), quoted: quoted !== undefined }));
}

const help = (mistake: string | null): Question => ({ ask: 'help', mistake });

/** Understands the text after the command; what it does not understand is asking for help. */
export function parseCommand(text: string): Question {
  const words = wordsOf(text);
  const [first, second, third] = words;
  if (words.some((word) => word.text === '' || word.text.length > LONGEST)) return help('A name has 1 to 200 characters.');
  if (first?.quoted === false && first.text.toLowerCase() === 'help') return help(null);
  if (first?.quoted === false && first.text.toLowerCase() === 'what') {
    if (second === undefined) return help('Of which environment?');
    return third === undefined ? { ask: 'running', environment: second.text } : help('One environment at a time, please.');
  }
  if (third !== undefined) return help('Please give a project and an environment at most.');
  return { ask: 'latest', project: first?.text ?? null, environment: second?.text ?? null };
}
