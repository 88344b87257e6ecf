import { DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeDBSubnetGroupsCommand, RDSClient } from '@aws-sdk/client-rds';
import { anySurroundings, type Surroundings } from '../rds/model/surroundings';
import { type Target, clientConfig } from '../target';

/**
 * What the trial's RDS takes from the emulated account: the subnet groups and security groups that templates made. The
 * default subnet group is answered as RDS's is. Any role can monitor, as permissions are not enforced.
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
    async vpcOf(securityGroupId) {
      const ec2 = new EC2Client(clientConfig(target()));
      // The emulator knows no filter by id, and an id that is not there would be an error.
      const { SecurityGroups: all } = await ec2.send(new DescribeSecurityGroupsCommand({}));
      return all?.find(({ GroupId }) => GroupId === securityGroupId)?.VpcId;
    },
  };
}
