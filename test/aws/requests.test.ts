/**
 * Every request that this project makes of AWS is one that AWS's own descriptions allow; and each role may do what its
 * programs ask of AWS, and nothing else.
 */
import { commandsOf } from './commands';
import { requireBash } from '../support/stand-ins/server';
import { describeService } from './botocore';
import { callersOf } from './callers/all';
import { type Collected, collect } from './collected';
import { problemsOf } from './description';
import { saidOf } from './documented';
import { idle, unjudged } from './judgements';
import { all, isAllowed, matches } from '../support/policy';
import type { Need } from './role-policies';
import { actionOf, canBe, unknownIn } from './reference';
import { SERVICE_ROLES } from './services';
import { UNUSED } from './unused';

let collected: Collected;

beforeAll(async () => {
  requireBash();
  // Node.js is what it is here; what the functions log is none of this.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const log = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    collected = await collect();
  } finally {
    log.mockRestore();
  }
});

const shown = ({ action, resource, context }: Need) =>
  `${action} on ${resource}${context ? ` with ${JSON.stringify(context)}` : ''}`;
const once = (lines: readonly string[]) => [...new Set(lines)].sort();

test('requests have the shapes, names, values and lengths of the descriptions', () => {
  const problems = collected.calls.flatMap(({ caller, serviceId, operation, input }) =>
    problemsOf(describeService(serviceId), operation, input).map((problem) => `${caller}: ${problem}`),
  );
  expect(once(problems)).toEqual([]);
});

test('whatever the descriptions forbid in words, of parameters that are sent, is judged and kept', () => {
  const said = collected.calls.flatMap((call) => saidOf(describeService(call.serviceId), call));
  // Judge them in test/aws/judgements.ts, or do not send the parameter.
  expect(once(unjudged(said))).toEqual([]);
  expect(idle(said)).toEqual([]);
});

test('every command that a program imports is among the requests', () => {
  const made = new Set(collected.calls.map(({ operation }) => operation));
  const missing = commandsOf(['app', 'bin', 'lambda', 'trial']).filter(
    ({ operation }) => !made.has(operation),
  );
  // Add a caller that sends it, or let one of test/aws/callers send it.
  expect(missing).toEqual([]);
});

test('every function and every role is known here, and each function has the role of its caller', () => {
  for (const site of collected.sites) {
    const callers = callersOf(site);
    const functions = site.resources('AWS::Lambda::Function');
    expect(
      functions
        .filter(({ id }) => !callers.some((one) => one.function && id.startsWith(one.function)))
        .map(({ id }) => id),
    ).toEqual([]);
    for (const { id, properties } of functions) {
      const { role } = callers.find((one) => one.function && id.startsWith(one.function))!;
      expect(properties['Role']).toContain(`-${role}`);
    }
    const known = [...callers.flatMap(({ role }) => role ?? []), ...SERVICE_ROLES.map(({ role }) => role)];
    expect(
      site
        .resources('AWS::IAM::Role')
        .filter(({ id }) => !known.some((role) => id.startsWith(role)))
        .map(({ id }) => id),
    ).toEqual([]);
  }
});

test('whatever a role is asked for, its policies allow', () => {
  const denied = collected.roles.flatMap(({ id, statements, needs }) =>
    needs.filter((need) => !isAllowed(statements, need)).map((need) => `${id}: ${shown(need)}`),
  );
  expect(once(denied)).toEqual([]);
});

test('whatever a policy grants is asked for, or explained', () => {
  const unused = collected.roles.flatMap(({ stage, id, statements, needs }) =>
    statements.flatMap((statement) =>
      statement.actions.flatMap((action) =>
        statement.resources
          .filter(
            (resource) =>
              !needs.some((need) =>
                matches({ ...statement, actions: [action], resources: [resource] }, need),
              ),
          )
          .map((resource) => ({ role: id, action, resource, stage })),
      ),
    ),
  );
  const isExplained = (one: (typeof unused)[number]) =>
    UNUSED.some(
      ({ role, action, resource }) =>
        one.role.startsWith(role) && action.test(one.action) && resource.test(one.resource),
    );
  expect(
    once(
      unused
        .filter((one) => !isExplained(one))
        .map(({ role, action, resource }) => `${role}: ${action} on ${resource}`),
    ),
  ).toEqual([]);
  const idle = UNUSED.filter(
    ({ role, action, resource }) =>
      !unused.some(
        (one) => one.role.startsWith(role) && action.test(one.action) && resource.test(one.resource),
      ),
  );
  expect(idle).toEqual([]);
});

test('every policy that AWS keeps is one that is explained', () => {
  const strange = collected.roles.flatMap(({ id, managed }) => {
    const explained = SERVICE_ROLES.filter(({ role }) => id.startsWith(role)).flatMap((one) =>
      Object.keys(one.managed ?? {}),
    );
    return managed.filter((policy) => !explained.includes(policy)).map((policy) => `${id}: ${policy}`);
  });
  expect(strange).toEqual([]);
});

test('actions, resources and condition keys are those of the Service Authorization Reference', async () => {
  const found = await Promise.all(
    collected.roles.flatMap(({ id, statements }) =>
      statements.map(async (statement) => (await unknownIn(statement)).map((problem) => `${id}: ${problem}`)),
    ),
  );
  expect(once(found.flat())).toEqual([]);
});

test('what is asked for is of a kind that the action takes, and of each kind that it wants', async () => {
  const problems: string[] = [];
  for (const { needs } of collected.roles) {
    for (const name of new Set(needs.map(({ action }) => action))) {
      const action = await actionOf(name);
      const resources = needs.filter((need) => need.action === name).map(({ resource }) => resource);
      if (!action) problems.push(`there is no action ${name}`);
      else if (action.resources.length > 0) {
        problems.push(
          ...resources
            .filter((arn) => !action.resources.some((type) => canBe(arn, type)))
            .map((arn) => `${name} does not take ${arn}`),
          ...action.resources
            .filter(
              (type) =>
                type.isRequired && type.name !== 'cluster' && !resources.some((arn) => canBe(arn, type)),
            )
            .map((type) => `${name} wants a ${type.name}`),
        );
      }
    }
  }
  expect(once(problems)).toEqual([]);
});

/** The same of another site, in another account's name where the site's own name is not in it. */
const ofAnother = (need: Need): Need => ({
  ...need,
  resource: need.resource.includes('mysite')
    ? need.resource.replaceAll('mysite', 'other')
    : `${need.resource.slice(0, -1)}_`,
  ...(need.context && {
    context: Object.fromEntries(
      Object.entries(need.context).map(([key, values]) => [
        key,
        all(values).map((one) => one.replace('mysite', 'other')),
      ]),
    ),
  }),
});

/** Resources that have their names from AWS, and so cannot be told from others'. */
const NAMELESS = /:(snapshot|network-interface)\/|:og:default:|^\*$/;

test('nothing of another site can be changed', async () => {
  const allowed: string[] = [];
  for (const { id, statements, needs } of collected.roles) {
    for (const need of needs) {
      const { level } = (await actionOf(need.action))!;
      if (/^(List|Read)$/.test(level) || NAMELESS.test(need.resource)) continue;
      const other = ofAnother(need);
      if (isAllowed(statements, other)) allowed.push(`${id}: ${shown(other)}`);
    }
  }
  expect(once(allowed)).toEqual([]);
});
