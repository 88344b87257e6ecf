import type { EventFacts } from '../control/contract';

const MOST = 500;

/** What has happened of late, newest first. */
export class EventLog {
  private events: EventFacts[] = [];

  /** @param about an identifier, a server, a function */
  add(about: string, message: string): void {
    this.events = [{ at: Date.now(), about, message }, ...this.events].slice(0, MOST);
  }

  latest(): readonly EventFacts[] {
    return this.events;
  }
}
