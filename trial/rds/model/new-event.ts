import type { EVENTS } from './catalogue';
import type { Core } from './core';
import { newUuid } from './identifiers';
import type { RecordedEvent } from './state';

export type NumberedEvent = RecordedEvent & { readonly eventId: string };

type Kind = (typeof EVENTS)[keyof typeof EVENTS];

/** What EventBridge hands to a rule's targets (guide, "Creating a rule that triggers on an Amazon RDS event"). */
export interface EventBridgeEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': 'RDS DB Instance Event' | 'RDS DB Snapshot Event';
  readonly source: 'aws.rds';
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: {
    readonly EventCategories: readonly string[];
    readonly SourceType: 'DB_INSTANCE' | 'SNAPSHOT';
    readonly SourceArn: string;
    readonly Date: string;
    readonly Message: string;
    readonly SourceIdentifier: string;
    readonly EventID: string;
  };
}

export const newEvent = (core: Core, kind: Kind, sourceIdentifier: string, detail = ''): RecordedEvent => ({
  id: newUuid(core.state),
  at: core.now(),
  sourceType: kind.source,
  sourceIdentifier,
  ...(kind.id && { eventId: kind.id }),
  categories: kind.category ? [kind.category] : [],
  message: detail ? `${kind.message} ${detail}` : kind.message,
});

/** @param event one that has a number: EventBridge's events are told apart by it */
export function forEventBridge(core: Core, event: NumberedEvent): EventBridgeEvent {
  const isInstance = event.sourceType === 'db-instance';
  const arn = core.arn(isInstance ? 'db' : 'snapshot', event.sourceIdentifier);
  const date = new Date(event.at).toISOString();
  return {
    version: '0',
    id: event.id,
    'detail-type': isInstance ? 'RDS DB Instance Event' : 'RDS DB Snapshot Event',
    source: 'aws.rds',
    account: core.surroundings.accountId,
    time: date.replace(/\.\d+Z$/, 'Z'),
    region: core.surroundings.region,
    resources: [arn],
    detail: {
      EventCategories: event.categories,
      SourceType: isInstance ? 'DB_INSTANCE' : 'SNAPSHOT',
      SourceArn: arn,
      Date: date,
      Message: event.message,
      SourceIdentifier: event.sourceIdentifier,
      EventID: event.eventId,
    },
  };
}
