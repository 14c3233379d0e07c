import type { Deployment, EventType, RecordedEvent } from '@deptracker/domain';
import { STATUS_EVENT, STATUS_RULES } from '@deptracker/domain';

/** How user text is shown in the place that the sentence is for: escaped or not, long or short, on one line. */
export interface Voice {
  readonly person: (actor: string) => string;
  readonly words: (text: string) => string;
}

/** What is told of an event, whether it is stored yet or not. */
export type Told = Pick<RecordedEvent, 'type' | 'actor' | 'data' | 'at'>;

type Sentence = (deployment: Deployment, event: Told, voice: Voice) => string;

/** A length of time for people, e.g. `3 min 20 s`; at most two units. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const units: readonly [string, number][] = [['d', 86_400], ['h', 3600], ['min', 60], ['s', 1]];
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first === -1) return '0 s';
  let rest = seconds;
  const parts = units.slice(first, first + 2).map(([name, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? '' : `${String(count)} ${name}`;
  });
  return parts.filter((part) => part !== '').join(' ');
}

const by = (actor: string | null, voice: Voice): string => (actor === null ? '' : ` by ${voice.person(actor)}`);
const because = (reason: string | null | undefined, voice: Voice): string => {
  const words = voice.words(reason ?? '');
  return words === '' ? '' : `: ${words}`;
};
const after = ({ startedAt }: Deployment, event: Told): string =>
  startedAt === null ? '' : ` after ${duration(event.at.getTime() - startedAt.getTime())}`;

/** The decision that closes is always the last one, because nothing is counted after it. */
const closing: Sentence = (deployment, event, voice) => {
  const last = deployment.approval.decisions.at(-1);
  const verb = event.type === 'deployment.rejected' ? 'rejected' : 'approved';
  return `${verb}${by(event.actor ?? last?.actor ?? null, voice)}${because(last?.reason, voice)}`;
};

const decided: Sentence = (_deployment, event, voice) => {
  const { decision, remaining = 0 } = event.data;
  const who = event.actor ?? decision?.actor;
  const verb = decision?.decision === 'reject' ? 'rejected' : 'approved';
  const missing = remaining > 0 && verb === 'approved' ? `; ${String(remaining)} more needed` : '';
  return `${verb}${by(who ?? null, voice)}${because(decision?.reason, voice)}${missing}`;
};

const created: Sentence = ({ approval }, event, voice) => {
  const next = approval.status === 'not_required' ? 'needs no approval' : 'approval asked for';
  return `created${by(event.actor, voice)}, ${next}`;
};

const expired: Sentence = (_deployment, event) =>
  event.data.from === 'approved' ? 'expired, the permission was not used in time' : 'expired, not decided in time';

const SENTENCES: Readonly<Record<EventType, Sentence>> = {
  'deployment.created': created,
  'deployment.updated': (_deployment, event) => `${Object.keys(event.data.edit ?? {}).join(', ') || 'details'} changed`,
  'approval.decided': decided,
  'deployment.approved': closing,
  'deployment.rejected': closing,
  'deployment.expired': expired,
  'deployment.started': (_deployment, event, voice) => `rollout started${by(event.actor, voice)}`,
  'deployment.succeeded': (deployment, event) => `succeeded${after(deployment, event)}`,
  'deployment.failed': (deployment, event) => `failed${after(deployment, event)}`,
  'deployment.timed_out': ({ timeoutSeconds }) => `timed out, not finished within ${duration(timeoutSeconds * 1000)}`,
  'deployment.cancelled': (_deployment, event, voice) => `cancelled${by(event.actor, voice)}`,
  'deployment.rolled_back': (_deployment, event, voice) => `rolled back${by(event.actor, voice)}`,
};

/** What happened, in a few words that start in lower case, e.g. `rejected by bob@example.com: not today`. */
export function eventSentence(deployment: Deployment, event: Told, voice: Voice): string {
  const note = voice.words(event.data.note ?? '');
  return `${SENTENCES[event.type](deployment, event, voice)}${note === '' ? '' : ` (${note})`}`;
}

const OTHER_EMOJI: Partial<Record<EventType, string>> = {
  'deployment.created': ':package:',
  'deployment.updated': ':pencil2:',
  'approval.decided': ':ballot_box_with_check:',
};

const STATUS_EMOJI = new Map(
  Object.entries(STATUS_EVENT).map(([status, type]) => [type, STATUS_RULES[status as keyof typeof STATUS_EVENT].emoji]),
);

/** The emoji name of an event: that of the status that it leads to, where it leads to one. */
export function eventEmoji(type: EventType): string {
  return STATUS_EMOJI.get(type) ?? OTHER_EMOJI[type] ?? ':information_source:';
}

/** With a capital first letter; user text that starts a sentence stays as it is. */
export function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
