/** Each instance in a line, for people. */
import type { Summary } from '../memory';
import type { SeenInstance } from '../observation';
import { type View, admitsClients, answers, find, isBroken, lagOf, primaryOf, unfitness } from './view';

export const summaries = (view: View): Summary[] =>
  view.observation.instances.map((one) => summary(view, one));

function summary(view: View, instance: SeenInstance): Summary {
  const { resourceId, identifier, status, probe } = instance;
  const role = roleOf(view, instance);
  const why =
    role === 'primary'
      ? wrongWithPrimary(view, instance)
      : role === 'replica' || role === 'candidate'
        ? unfitness(view, instance)
        : undefined;
  const record = view.observation.names.readers.find((reader) => reader.identifier === identifier);
  return {
    resourceId,
    identifier,
    role,
    status,
    reached: probe.reached,
    fit: (role === 'primary' || role === 'replica' || role === 'candidate') && why === undefined,
    ...(why !== undefined && { why }),
    ...(answers(instance) && {
      received: instance.probe.received,
      lagMillis: role === 'primary' ? 0 : lagOf(view, instance.probe),
    }),
    ...(record && { readerWeight: record.weight }),
  };
}

function roleOf(view: View, { resourceId, source }: SeenInstance): Summary['role'] {
  const { memory } = view;
  if (resourceId === memory.primary && memory.phase !== 'opening') return 'primary';
  if (memory.retired.some((retired) => retired.resourceId === resourceId)) return 'retired';
  if (resourceId === memory.failover?.candidate && memory.phase !== 'healing') return 'candidate';
  const primary = primaryOf(view);
  return primary && source === primary.identifier && find(view, resourceId) ? 'replica' : 'orphan';
}

function wrongWithPrimary({ policy }: View, instance: SeenInstance): string | undefined {
  const { probe, status } = instance;
  if (isBroken(instance)) return `is ${status}`;
  if (!probe.reached) return `cannot be reached: ${probe.message}`;
  if (probe.inRecovery) return 'is in recovery';
  if (!admitsClients(instance, policy.databaseGroup)) return 'keeps clients out by its security groups';
  return typeof probe.write === 'object' ? `takes no write: ${probe.write.refused}` : undefined;
}
