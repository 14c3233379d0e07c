import type { InteractiveOptions } from './interactive-options.js';
import type { Gesture } from './slack-decision.js';

/** Tells the person, and nobody else, why what they did did not count; `text` is escaped. Beside the answer: it may fail. */
export function tell({ slack, background, home }: InteractiveOptions, gesture: Gesture, text: string): void {
  const { channelId: channel, teamId, userId: user, fromHome } = gesture;
  if (fromHome) home.publish(teamId, user, text);
  else if (channel !== null) {
    background.run('telling why a click did not count', () => slack.postEphemeral({ channel, user, text }, { maxWaitMs: 0 }));
  }
}
