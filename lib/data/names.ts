import { Duration } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { CfnRecordSet, PrivateHostedZone } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import type { Settings } from '../settings';
import { type Databases, primaryIdentifier, replicaIdentifiers } from './databases';

export interface DatabaseNamesProps {
  readonly settings: Settings;
  readonly vpc: IVpc;
  readonly databases: Databases;
}

/** How long clients may go on with an old answer. */
const TTL = Duration.seconds(5);

/** Weight of a replica among the readers: only the ratio counts. */
const REPLICA_WEIGHT = 100;

/** The primary's weight: it is asked only when there is nobody else, since a group of zeros is answered evenly. */
const PRIMARY_WEIGHT = 0;

/** The private zone of a site's databases. */
export const zoneNameOf = ({ name }: Pick<Settings, 'name'>): string => `${name}.internal`;
export const writerNameOf = (settings: Pick<Settings, 'name'>): string => `writer.${zoneNameOf(settings)}`;
export const readerNameOf = (settings: Pick<Settings, 'name'>): string => `reader.${zoneNameOf(settings)}`;

/**
 * Where clients find the databases: `writer.<zone>` and `reader.<zone>`.
 *
 * The stack gives the first values. From then on they belong to the failover controller: CloudFormation writes a
 * record again only when its *template* changes, and nothing in it changes when a database is promoted. For the same
 * reason the primary's weight among the readers is the same with and without replicas.
 */
export class DatabaseNames extends Construct {
  readonly zone: PrivateHostedZone;

  constructor(scope: Construct, id: string, { settings, vpc, databases }: DatabaseNamesProps) {
    super(scope, id);
    this.zone = new PrivateHostedZone(this, 'Zone', { zoneName: zoneNameOf(settings), vpc });

    const record = (
      construct: string,
      name: string,
      endpoint: string,
      among?: { setIdentifier: string; weight: number },
    ) =>
      new CfnRecordSet(this, construct, {
        hostedZoneId: this.zone.hostedZoneId,
        name: `${name}.`,
        type: 'CNAME',
        ttl: String(TTL.toSeconds()),
        resourceRecords: [endpoint],
        ...among,
      });

    const { primary, replicas } = databases;
    const identifiers = replicaIdentifiers(settings);
    record('Writer', writerNameOf(settings), primary.dbInstanceEndpointAddress);
    record('ReaderPrimary', readerNameOf(settings), primary.dbInstanceEndpointAddress, {
      setIdentifier: primaryIdentifier(settings),
      weight: PRIMARY_WEIGHT,
    });
    replicas.forEach((replica, index) =>
      record(`ReaderReplica${index + 1}`, readerNameOf(settings), replica.dbInstanceEndpointAddress, {
        setIdentifier: identifiers[index]!,
        weight: REPLICA_WEIGHT,
      }),
    );
  }
}
