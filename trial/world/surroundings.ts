import {
  DescribeDBParametersCommand,
  DescribeDBSubnetGroupsCommand,
  RDSClient,
  type Parameter,
} from '@aws-sdk/client-rds';
import { anySurroundings, type Surroundings } from '../rds/model/surroundings';
import { type Target, clientConfig } from '../target';

/**
 * What the trial's RDS takes from the emulated account: the subnet groups and parameter groups that templates made.
 * A group that nobody made is answered as RDS's default group is.
 *
 * @param target known only once the emulator runs, which in turn needs the trial's RDS
 */
export function emulatedSurroundings(account: string, region: string, target: () => Target): Surroundings {
  const any = anySurroundings(account, region);
  const client = () => new RDSClient(clientConfig(target()));
  return {
    ...any,
    async subnetGroup(name) {
      if (name === undefined) return any.subnetGroup(name);
      const answer = await client().send(new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: name }));
      return answer.DBSubnetGroups?.[0];
    },
    async parameters(name) {
      if (name === undefined || name.startsWith('default.')) return {};
      const found: Parameter[] = [];
      let marker: string | undefined;
      do {
        const page = await client().send(
          new DescribeDBParametersCommand({ DBParameterGroupName: name, Source: 'user', Marker: marker }),
        );
        found.push(...(page.Parameters ?? []));
        marker = page.Marker;
      } while (marker);
      return Object.fromEntries(
        found.flatMap(({ ParameterName, ParameterValue }) =>
          ParameterName && ParameterValue !== undefined ? [[ParameterName, ParameterValue]] : [],
        ),
      );
    },
  };
}
