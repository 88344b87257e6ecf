import type { Template } from 'aws-cdk-lib/assertions';
import { app, stacksOf, stageTemplates, STAGES, templatesOf } from '../../support/synthesize';

/* eslint-disable @typescript-eslint/no-explicit-any -- templates are anything */

const WITH_DATABASE = STAGES.filter((stage) => stage !== 'single-server');
const WITH_LOAD_BALANCER = ['load-balanced', 'replicated'];

const protection = (template: Template): any => {
  const found = Object.values(template.findResources('Custom::DeletionProtection'));
  expect(found).toHaveLength(1);
  return found[0];
};

const TOLD = /^(Custom::DeletionProtection|AWS::Lambda::Function)$/;
/** `DeletionProtection`, `deletion_protection.enabled`, or whatever else a service calls it. */
const PROTECTION = /"[\w.]*deletion_?protection[\w.]*"/i;

// A first deployment that fails could not be taken back: ROLLBACK_FAILED (docs/decisions/0010-protection-last.md).
test.each(STAGES)('%s: nothing is protected from its creation on', (stage) => {
  const said = [...stageTemplates(stage).values()].flatMap((template) =>
    Object.entries<any>(template.toJSON().Resources)
      // Functions are told of it; and of what is never protected (a replica) its own template may say so.
      .filter(([, { Type, Properties }]) => !TOLD.test(Type) && Properties?.DeletionProtection !== false)
      .filter(([, { Properties }]) => PROTECTION.test(JSON.stringify(Properties ?? {})))
      .map(([id]) => id),
  );
  expect(said).toEqual([]);
});

test('the last stack depends on every other, so that it is deployed after them and destroyed before', () => {
  const created = app();
  templatesOf(created); // dependencies are known once it is synthesized
  const last = stacksOf(created).get('operations')!;
  const before = new Set<string>();
  const visit = (stack: any): void =>
    stack.dependencies.forEach((each: any) => {
      before.add(each.node.id);
      visit(each);
    });
  visit(last);
  expect([...before].toSorted()).toEqual(['mysite-data', 'mysite-network', 'mysite-web', 'mysite-zone']);
});

test.each(WITH_DATABASE)('%s: at the end all that is precious is protected', (stage) => {
  const { Properties, DependsOn } = protection(stageTemplates(stage).get('operations')!);
  expect(Properties).toMatchObject({
    Protected: 'true',
    Database: 'mysite-primary',
    ...(WITH_LOAD_BALANCER.includes(stage) && { LoadBalancer: expect.anything() }),
  });
  const resources = stageTemplates(stage).get('operations')!.toJSON().Resources;
  const others = Object.keys(resources).filter((id) => !id.startsWith('Protection') && id !== 'CDKMetadata');
  expect(DependsOn).toEqual(expect.arrayContaining(others));
});

test('a site without a database of its own has nothing to protect', () => {
  stageTemplates('single-server').get('operations')!.resourceCountIs('Custom::DeletionProtection', 0);
});

test.each([true, false])('the stack refuses to be deleted as long as the setting is on: %s', (on) => {
  const created = app({ database: { deletionProtection: on } });
  expect(stacksOf(created).get('operations')!.terminationProtection).toBe(on);
  expect(protection(templatesOf(created).get('operations')!).Properties.Protected).toBe(String(on));
});

test.each(WITH_DATABASE)(
  '%s: before the site goes it looks whether a replica has become a primary',
  (stage) => {
    const { Properties } = protection(stageTemplates(stage).get('operations')!);
    const replicas = ['mysite-replica-1', 'mysite-replica-2'];
    expect(Properties.Replicas).toEqual(stage === 'replicated' ? replicas : undefined);
  },
);

test('it may do this and no more', () => {
  const operations = stageTemplates('replicated').get('operations')!;
  const statements = Object.values(operations.findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes('ProtectionRole'))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  expect(statements).toMatchObject([
    { Effect: 'Allow', Action: 'rds:ModifyDBInstance', Resource: expect.not.stringContaining('*') },
    {
      Effect: 'Allow',
      Action: 'elasticloadbalancing:ModifyLoadBalancerAttributes',
      Resource: expect.anything(),
    },
    {
      Effect: 'Allow',
      Action: 'rds:DescribeDBInstances',
      Resource: expect.not.arrayContaining([expect.stringContaining('*')]),
    },
  ]);
});
