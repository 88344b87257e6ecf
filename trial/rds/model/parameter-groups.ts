/**
 * How values of a parameter group reach servers: dynamic ones at once, all others at a reboot.
 *
 * Documented is `RebootDBInstance` without failover (API, ModifyDBParameterGroup), and "the next DB instance restart" (API,
 * ResetDBParameterGroup). Whether RDS also brings them where it restarts a server by itself, no evidence decides: here a
 * start of a stopped instance and a new class do, as both begin on another host; a failover, a crash, a promotion and a
 * new name do not.
 */
import type { Core } from './core';
import { parameterGroupNotFound } from './errors';
import { computed, type Subject } from './formulas';
import { parameterKind } from './parameters';
import type { Instance, ParameterGroup } from './state';
import type { Step } from './tasks';

export const FAMILY = 'postgres17';
export const DEFAULT_GROUP = `default.${FAMILY}`;

/** It is always there, and never changed. */
const defaultGroup = (): ParameterGroup => ({
  name: DEFAULT_GROUP,
  family: FAMILY,
  description: `Default parameter group for ${FAMILY}`,
  values: {},
  tags: [],
});

export const allGroups = ({ state }: Core): ParameterGroup[] => [defaultGroup(), ...state.parameterGroups];

/** @throws RdsError DBParameterGroupNotFound */
export function findGroup(core: Core, nameOrArn: string): ParameterGroup {
  const name = core.identifierIn(nameOrArn, 'pg');
  const found = allGroups(core).find((group) => group.name === name);
  if (!found) throw parameterGroupNotFound(name);
  return found;
}

/** As the server of an instance is to have them: formulas computed. */
export const valuesIn = ({ values }: ParameterGroup, subject: Subject): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, computed(value, subject)]));

export const instancesIn = ({ state }: Core, { name }: ParameterGroup): Instance[] =>
  state.instances.filter(({ parameterGroup }) => parameterGroup === name);

/** The values of some parameters have become others: of those in `atOnce` now, of the rest when it is rebooted. */
export function groupChanged(
  core: Core,
  group: ParameterGroup,
  changed: readonly string[],
  atOnce: readonly string[],
): void {
  for (const instance of instancesIn(core, group)) {
    const values = valuesIn(group, instance);
    if (changed.some((name) => !atOnce.includes(name))) instance.parametersWait = true;
    if (atOnce.length === 0) continue;
    const next = { ...(instance.nextParameters ?? instance.parameters) };
    for (const name of atOnce) {
      if (values[name] === undefined) delete next[name];
      else next[name] = values[name];
    }
    instance.nextParameters = next;
    delete instance.parametersRefused;
    core.at(instance, 'parameters', core.now() + core.span('parameters'));
  }
  core.changed();
}

/** The time has come to bring dynamic values; a server that does not answer, or refuses them, is asked again. */
export function bringParameters(core: Core, instance: Instance): void {
  const next = instance.nextParameters;
  if (!next) return;
  core
    .ask(instance.resourceId, () => core.plane.setParameters(instance.resourceId, next))
    .then(
      () => {
        if (instance.nextParameters === next) settled(instance, next);
        core.changed();
      },
      () => {
        instance.parametersRefused = true;
        core.at(instance, 'parameters', core.now() + 1000 + core.span('parameters'));
        core.changed();
      },
    );
}

function settled(instance: Instance, values: Record<string, string>): void {
  instance.parameters = values;
  delete instance.nextParameters;
  delete instance.parametersRefused;
}

/**
 * Starts a server, by `start`, with everything that its group says by now.
 *
 * @returns whether it runs: values that PostgreSQL does not start with leave the instance in `incompatible-parameters`
 *   until somebody mends the group and reboots it (guide, "Troubleshooting", "incompatible-parameters")
 */
export async function startWithGroup(step: Step, start: () => Promise<void>): Promise<boolean> {
  const { core, instance, task, ask } = step;
  const isOther = await bringAll(step);
  try {
    await ask(start);
  } catch (error) {
    const isOvertaken = instance.tasks[0] !== task;
    if (isOvertaken || !(isOther || instance.resting === 'incompatible-parameters')) throw error;
    instance.resting = 'incompatible-parameters';
    instance.crashedAt ??= core.now();
    instance.archiveEndedAt ??= instance.crashedAt;
    core.emit('incompatibleParameters', instance, (error as Error).message);
    return false;
  }
  if (instance.resting !== 'storage-full') instance.resting = 'available';
  return true;
}

/** @returns whether they differ from what the server had */
async function bringAll({ core, instance, ask }: Step): Promise<boolean> {
  const group = allGroups(core).find(({ name }) => name === instance.parameterGroup);
  // The group of an earlier run, which this run's deployment has not made anew yet.
  if (!group) return false;
  const values = valuesIn(group, instance);
  const isOther = !isSame(values, instance.parameters);
  if (isOther || instance.nextParameters) {
    await ask(() => core.plane.setParameters(instance.resourceId, values));
  }
  core.cancel(instance, 'parameters');
  settled(instance, values);
  // Changed again meanwhile: it waits for the next reboot.
  if (isSame(valuesIn(group, instance), values)) delete instance.parametersWait;
  return isOther;
}

function isSame(some: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(some);
  return names.length === Object.keys(other).length && names.every((name) => some[name] === other[name]);
}

export const isStatic = (name: string): boolean => parameterKind(name)?.isStatic ?? true;
