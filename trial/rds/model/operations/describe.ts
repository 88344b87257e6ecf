import type {
  DBInstanceMessage,
  DescribeDBInstancesMessage,
  DescribeEventsMessage,
  EventsMessage,
} from '@aws-sdk/client-rds';
import type { Core } from '../core';
import { instanceNotFound, invalidParameterCombination, invalidParameterValue } from '../errors';
import { filtered, withIdentifier } from '../filters';
import { page } from '../paging';
import type { Instance } from '../state';
import { eventView, viewOf } from '../views';

export async function describeDBInstances(
  core: Core,
  request: DescribeDBInstancesMessage,
): Promise<DBInstanceMessage> {
  const filters = {
    'db-cluster-id': () => [],
    'db-instance-id': ({ identifier }: Instance) => [identifier, core.arn('db', identifier)],
    'dbi-resource-id': ({ resourceId }: Instance) => [resourceId],
    domain: () => [],
    engine: () => ['postgres'],
  };
  const name = request.DBInstanceIdentifier && core.identifierIn(request.DBInstanceIdentifier, 'db');
  const wanted = withIdentifier(request.Filters, 'db-instance-id', name);
  const found = filtered(core.state.instances, wanted, filters).sort((one, other) =>
    one.identifier < other.identifier ? -1 : 1,
  );
  if (name && found.length === 0) throw instanceNotFound(name);
  const { items, marker } = page(found, ({ identifier }) => identifier, request);
  return { Marker: marker, DBInstances: items.map((instance) => viewOf(core, instance)) };
}

const MINUTE = 60_000;
/** API, DescribeEvents, Duration: "Default: 60", in minutes; events are kept for 14 days. */
const DEFAULT_DURATION = 60;
const LONGEST_DURATION = 14 * 24 * 60;

export async function describeEvents(core: Core, request: DescribeEventsMessage): Promise<EventsMessage> {
  const { SourceIdentifier, SourceType, EventCategories, Duration, StartTime, EndTime } = request;
  if (SourceIdentifier && !SourceType) {
    throw invalidParameterCombination('Cannot specify source identifier without source type');
  }
  if (Duration !== undefined && (Duration < 1 || Duration > LONGEST_DURATION)) {
    throw invalidParameterValue(
      `Invalid duration: ${Duration}. Must be between 1 and ${LONGEST_DURATION} minutes.`,
    );
  }
  if (Duration !== undefined && StartTime) {
    throw invalidParameterCombination('Duration and StartTime cannot be specified together.');
  }
  const end = EndTime?.getTime() ?? core.now();
  const start = StartTime?.getTime() ?? end - (Duration ?? DEFAULT_DURATION) * MINUTE;
  if (start > end) throw invalidParameterCombination('StartTime must be before EndTime.');
  const found = core.state.events.filter(
    ({ at, sourceIdentifier, sourceType, categories }) =>
      at >= start &&
      at <= end &&
      (!SourceType || sourceType === SourceType) &&
      (!SourceIdentifier || sourceIdentifier === SourceIdentifier.toLowerCase()) &&
      (!EventCategories?.length || EventCategories.some((category) => categories.includes(category))),
  );
  const { items, marker } = page(found, ({ id }) => id, request);
  return { Marker: marker, Events: items.map((event) => eventView(core, event)) };
}
