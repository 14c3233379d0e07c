import type { DecisionKind } from '@deptracker/domain';

/** Where the message of an approval stands; Slack leaves either out of some payloads, and Home is no message. */
export interface Place {
  readonly channelId: string | null;
  readonly messageTs: string | null;
}

/** What a person did in Slack, whatever they pressed. Who they are comes from the signed payload alone. */
export interface Gesture extends Place {
  readonly teamId: string;
  readonly userId: string;
  /** It was done in the app's Home, which shows afterwards what came of it. */
  readonly fromHome: boolean;
  /** Of the deployment; from outside, so it may be no id at all. */
  readonly deploymentId: string;
}

/** A decision of a person in Slack. */
export interface SlackDecision extends Gesture {
  readonly decision: DecisionKind;
  readonly reason: string | null;
  /** Names what they did: the same delivered again has the same key. */
  readonly key: string;
}
