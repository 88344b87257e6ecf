import { isClassOffered, isTypeOffered, POSTGRES_VERSIONS } from '../../lib/settings/instance-types';
import { lint, shown, unexplained } from '../support/lint';
import { stageTemplates, STAGES } from '../support/synthesize';

/**
 * Classes, types and versions in every region that is offered: the settings refuse by a table (lib/settings/aws-checks.ts)
 * that is made from cfn-lint's own data (test/bin/offers/read.test.ts). Here cfn-lint itself is asked for a sample.
 */
test.each(['ca-west-1', 'eu-west-3'])('the table of offers agrees with cfn-lint in %s', (region) => {
  const classes = ['db.t4g.medium', 'db.t3.medium', 'db.r7g.large', 'db.r6g.large'];
  const types = ['t4g.small', 'm7g.large', 'm6g.large', 'c8g.large'];
  const database = (DBInstanceClass: string, EngineVersion: string) => ({
    Type: 'AWS::RDS::DBInstance',
    DeletionPolicy: 'Snapshot',
    UpdateReplacePolicy: 'Snapshot',
    Properties: {
      DBInstanceClass,
      Engine: 'postgres',
      EngineVersion,
      AllocatedStorage: '20',
      StorageEncrypted: true,
    },
  });
  const versions = ['17.0', '17.6'];
  const findings = lint(
    {
      sample: {
        Resources: Object.fromEntries([
          ...classes.map((name, index) => [`Class${index}`, database(name, '17.6')]),
          ...types.map((InstanceType, index) => [
            `Type${index}`,
            { Type: 'AWS::EC2::Instance', Properties: { InstanceType, ImageId: 'ami-0123456789abcdef0' } },
          ]),
          ...versions.map((version, index) => [`Version${index}`, database('db.t3.medium', version)]),
        ]),
      },
    },
    region,
  );
  const refused = (prefix: string, names: readonly string[]) =>
    names.filter((_, index) =>
      findings.some(
        ({ Rule, Location }) =>
          ['E3025', 'E3628', 'E3691', 'W3691'].includes(Rule.Id) && Location.Path[1] === `${prefix}${index}`,
      ),
    );
  expect({
    classes: refused('Class', classes),
    types: refused('Type', types),
    versions: refused('Version', versions),
  }).toEqual({
    classes: classes.filter((name) => !isClassOffered(name, region)),
    types: types.filter((type) => !isTypeOffered(type, region)),
    versions: versions.filter((version) => !POSTGRES_VERSIONS.includes(version)),
  });
});

test('cfn-lint has no error, and no warning that is not explained, in any template', () => {
  const templates = Object.fromEntries(
    STAGES.flatMap((stage) =>
      [...stageTemplates(stage)].map(([part, template]) => [`${stage}-${part}`, template.toJSON()]),
    ),
  );
  const broken = structuredClone(
    templates['replicated-data'] as {
      Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
    },
  );
  const database = Object.values(broken.Resources).find(({ Type }) => Type === 'AWS::RDS::DBInstance')!;
  database.Properties.DBInstanceClass = 'db.t4g.enormous';

  const findings = lint({ ...templates, broken });
  expect(
    findings.filter((finding) => finding.Filename.endsWith('broken.json')).map(({ Rule }) => Rule.Id),
  ).toContain('E3025');
  expect(
    unexplained(findings)
      .filter((finding) => !finding.Filename.endsWith('broken.json'))
      .map(shown),
  ).toEqual([]);
});
