import type { Deployment, RecordedEvent } from '@deptracker/domain';
import { type Adf, document, paragraph, words } from './adf.js';
import { clip, oneLine } from './clip.js';
import { type Voice, capital, eventSentence } from './event-sentence.js';

const voice: Voice = { person: (actor) => clip(oneLine(actor), 200), words: (text) => clip(oneLine(text), 2000) };

/** What happened as a comment on the ticket. The marker is how the comment is found again before it is repeated. */
export function commentBody(deployment: Deployment, event: RecordedEvent, marker: string): Adf {
  return document(
    paragraph(...words(`${capital(eventSentence(deployment, event, voice))}.`)),
    paragraph(...words(marker, { type: 'code' })),
  );
}
