import { DescribeDBSubnetGroupsCommand, RDSClient } from '@aws-sdk/client-rds';
import { anySurroundings, type Surroundings } from '../rds/model/surroundings';
import { type Target, clientConfig } from '../target';

/**
 * What the trial's RDS takes from the emulated account: the subnet groups that templates made. The default one is
 * answered as RDS's is.
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
  };
}
