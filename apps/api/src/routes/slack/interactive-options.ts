import type { ChangeOptions } from '@deptracker/application';
import type { Offers } from '@deptracker/reconcile';
import type { SlackClient } from '@deptracker/slack';
import type { Database } from '@deptracker/store';
import type { Background } from '../../background.js';
import type { HomePublisher } from './home.js';

/** What answers people in Slack. */
export interface InteractiveOptions {
  readonly database: Database;
  readonly change: ChangeOptions;
  readonly offers: Pick<Offers, 'offer'>;
  /** Best effort and quick: no gate, no repetition, 1.5 s. */
  readonly slack: Pick<SlackClient, 'userEmail' | 'authTest' | 'postEphemeral' | 'viewsOpen' | 'viewsPublish'>;
  readonly background: Background;
  readonly home: HomePublisher;
}
