import { randomBytes } from 'node:crypto';

const LIFE_MS = 3_000;

interface Trigger {
  readonly user: string;
  readonly until: number;
  used: boolean;
}

/** The `trigger_id`s handed out with what people do: each opens one modal within three seconds. */
export class Triggers {
  private readonly triggers = new Map<string, Trigger>();

  /** A new one for a person; `now` in ms. */
  grant(user: string, now: number): string {
    const id = `${now}.${randomBytes(4).readUInt32BE()}.${randomBytes(16).toString('hex')}`;
    this.triggers.set(id, { user, until: now + LIFE_MS, used: false });
    return id;
  }

  /** Uses one up for its person; otherwise the error's name. */
  use(id: string, now: number): { readonly user: string } | string {
    const trigger = this.triggers.get(id);
    if (trigger === undefined) return 'invalid_trigger_id';
    if (trigger.used) return 'exchanged_trigger_id';
    if (now > trigger.until) return 'expired_trigger_id';
    trigger.used = true;
    return { user: trigger.user };
  }
}
