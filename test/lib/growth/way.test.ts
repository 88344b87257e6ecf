import { app, STAGES, stageTemplates, templatesOf as all } from '../../support/synthesize';
import type { Stage } from '../../../lib/stage';
import { allNeeds, happenings, isBefore, type Template, type Templates } from './order';
import { darkMoments } from './way';

const templatesOf = (stage: Stage): Map<string, Template> =>
  new Map([...stageTemplates(stage)].map(([part, template]) => [part, template.toJSON() as Template]));

const LONE: Stage[] = ['single-server', 'split-database'];

const PAIRS = STAGES.flatMap((from, index) => STAGES.slice(index + 1).map((to) => [from, to] as const));

test.each(PAIRS)('from %s to %s nobody is ever turned away', (from, to) => {
  expect(darkMoments(templatesOf(from), templatesOf(to))).toEqual([]);
});

test.each([LONE, ['split-database', 'load-balanced']] as [Stage, Stage][])(
  'from %s to %s, with a name that was taken over: nobody is turned away either',
  (from, to) => {
    const site = {
      zoneName: 'mysite.com',
      recordName: 'api',
      hostedZoneId: 'Z0123456789ABCDEFGHIJ',
      takeOverRecord: true,
    };
    const [before, after] = [from, to].map(
      (stage): Templates =>
        new Map(
          [...all(app({ stage, site }))].map(([part, template]) => [part, template.toJSON() as Template]),
        ),
    );
    expect(darkMoments(before!, after!)).toEqual([]);
  },
);

const idOf = ({ Resources }: Template, type: string, begin = '') =>
  Object.keys(Resources).find((id) => Resources[id]!.Type === type && id.startsWith(begin))!;

test.each(LONE)(
  '%s: the server is the last that the stack changes: once it has moved the data, there is no way back',
  (stage) => {
    const web = templatesOf(stage).get('web')!;
    const needed = allNeeds(web, idOf(web, 'AWS::AutoScaling::AutoScalingGroup'));
    const others = Object.keys(web.Resources).filter(
      (id) => web.Resources[id]!.Type !== 'AWS::CDK::Metadata',
    );
    expect(others.filter((id) => !needed.has(id))).toEqual([idOf(web, 'AWS::AutoScaling::AutoScalingGroup')]);
  },
);

test('the lone server goes before its doors, its address and its rights', () => {
  const [before, after] = [templatesOf('split-database'), templatesOf('load-balanced')];
  const gone = happenings(before, after).filter(({ stack, kind }) => stack === 'web' && kind === 'removal');
  const server = gone.find(({ type }) => type === 'AWS::AutoScaling::AutoScalingGroup')!;
  const others = gone.filter((one) => one !== server);
  expect(others.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['AWS::EC2::EIP', 'AWS::EC2::SecurityGroupIngress', 'AWS::IAM::Policy']),
  );
  for (const other of others) {
    expect([other.id, isBefore(server, other, before, after)]).toEqual([other.id, true]);
  }
});

describe('a dark moment is seen', () => {
  const [before, after] = [templatesOf('split-database'), templatesOf('load-balanced')];
  const changed = (change: (web: Template, network: Template) => void, side = after): Templates => {
    const copy = new Map([...side].map(([part, template]) => [part, structuredClone(template)]));
    change(copy.get('web')!, copy.get('network')!);
    return copy;
  };
  const withoutNeed = (id: (web: Template) => string) =>
    changed((web) => delete (web.Resources[id(web)] as { DependsOn?: unknown }).DependsOn);
  const without = (type: string) => changed((web) => delete (web.Resources as any)[idOf(web, type)]); // eslint-disable-line @typescript-eslint/no-explicit-any

  test('a name that moves too early', () => {
    const moved = withoutNeed((web) => idOf(web, 'AWS::Route53::RecordSet'));
    const said = darkMoments(before, moved).join('\n');
    for (const id of [
      'LoadBalancerHttps',
      'FleetGroup',
      'LoadBalancerCertificate',
      'SuccessionHealthyTargets',
    ]) {
      expect(said).toMatch(new RegExp(`the name moves before web ${id}\\w+ is there`));
    }
  });

  test('nobody waits for the name to have moved', () => {
    const said = darkMoments(before, without('Custom::MovedName'));
    expect(said.join('\n')).toMatch(/web LoneFleetGroup\w+ goes before the world has forgotten it/);
    expect(said.join('\n')).toMatch(/web DoorsHttps\w* goes before the world has forgotten it/);
  });

  test('a wait for nothing', () => {
    const waits = withoutNeed((web) => idOf(web, 'Custom::MovedName'));
    expect(darkMoments(before, waits)).toEqual(['the wait is not for the name']);
  });

  test('doors that are shut in an earlier stack', () => {
    const inNetwork = changed((_, network) => {
      const group = network.Resources[idOf(network, 'AWS::EC2::SecurityGroup', 'SecurityGroupsWeb')]!;
      group.Properties.SecurityGroupIngress = [{ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 }];
    }, before);
    expect(darkMoments(inNetwork, after)).toEqual([
      expect.stringMatching(/^network SecurityGroupsWeb\w+ shuts port 443 while it is in use$/),
    ]);
  });
});
