/**
 * CloudFormation, for the databases of the templates: the requests that its handler makes of their properties. It works with
 * the rights of who deploys.
 */
import { isKnownProperty, propertiesFor } from '../database-properties';
import type { Call } from '../recording';
import type { Properties, Site } from '../site';
import type { Caller } from './caller';

const NAME = 'CloudFormation';

const RENAMED: Readonly<Record<string, string>> = { VPCSecurityGroups: 'VpcSecurityGroupIds' };
const NUMBERS = ['AllocatedStorage', 'Port'];

const call = (
  operation: string,
  names: readonly string[],
  properties: Properties,
  more: object = {},
): Call => ({
  caller: NAME,
  serviceId: 'RDS',
  operation,
  input: {
    ...Object.fromEntries(
      names
        .filter((name) => properties[name] !== undefined)
        .map((name) => [
          RENAMED[name] ?? name,
          NUMBERS.includes(name) ? Number(properties[name]) : properties[name],
        ]),
    ),
    ...more,
  },
});

function callsOf(properties: Properties): readonly Call[] {
  const unknown = Object.keys(properties).filter((name) => !isKnownProperty(name));
  if (unknown.length > 0) {
    throw new Error(
      `What CloudFormation does with ${unknown.join(', ')} is not in test/aws/database-properties.ts`,
    );
  }
  if (properties['SourceDBInstanceIdentifier'] === undefined) {
    return [call('CreateDBInstance', propertiesFor('create'), properties)];
  }
  return [
    call('CreateDBInstanceReadReplica', propertiesFor('replica'), properties),
    call('ModifyDBInstance', propertiesFor('modify'), properties, { ApplyImmediately: true }),
  ];
}

export const cloudFormation: Caller = {
  name: NAME,
  comesWith: 'AWS::RDS::DBInstance',
  drive: (site: Site) =>
    Promise.resolve(site.resources('AWS::RDS::DBInstance').flatMap(({ properties }) => callsOf(properties))),
};
