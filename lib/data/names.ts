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

/** The names that clients use; the failover controller may change the records of these two and of no other. */
export const endpointNames = (settings: Pick<Settings, 'name'>): { writer: string; reader: string } => ({
  writer: writerNameOf(settings),
  reader: readerNameOf(settings),
});

/** A record as the template has it. */
export interface EndpointRecord {
  /** Without a dot at its end. */
  readonly name: string;
  /** Address of the instance that it leads to. */
  readonly target: string;
  /** Of one among several of the same name. */
  readonly among?: { readonly setIdentifier: string; readonly weight: number };
}

/**
 * Where clients find the databases: `writer.<zone>` and `reader.<zone>`.
 *
 * The stack gives the first values. From then on they belong to the failover controller: CloudFormation writes a
 * record again only when its *template* changes, and nothing in it changes when a database is promoted. For the same
 * reason the primary's weight among the readers is the same with and without replicas.
 */
export class DatabaseNames extends Construct {
  readonly zone: PrivateHostedZone;
  /** Every record that the stack makes, with its first value. */
  readonly records: readonly EndpointRecord[];

  constructor(scope: Construct, id: string, { settings, vpc, databases }: DatabaseNamesProps) {
    super(scope, id);
    this.zone = new PrivateHostedZone(this, 'Zone', { zoneName: zoneNameOf(settings), vpc });

    const records = recordsOf(settings, databases);
    for (const [construct, { name, target, among }] of Object.entries(records)) {
      new CfnRecordSet(this, construct, {
        hostedZoneId: this.zone.hostedZoneId,
        name: `${name}.`,
        type: 'CNAME',
        ttl: String(TTL.toSeconds()),
        resourceRecords: [target],
        ...among,
      });
    }
    this.records = Object.values(records);
  }
}

/** By the ID of their construct. */
function recordsOf(settings: Settings, { primary, replicas }: Databases): Record<string, EndpointRecord> {
  const { writer, reader } = endpointNames(settings);
  const identifiers = replicaIdentifiers(settings);
  return {
    Writer: { name: writer, target: primary.dbInstanceEndpointAddress },
    ReaderPrimary: {
      name: reader,
      target: primary.dbInstanceEndpointAddress,
      among: { setIdentifier: primaryIdentifier(settings), weight: PRIMARY_WEIGHT },
    },
    ...Object.fromEntries(
      replicas.map((replica, index): [string, EndpointRecord] => [
        `ReaderReplica${index + 1}`,
        {
          name: reader,
          target: replica.dbInstanceEndpointAddress,
          among: { setIdentifier: identifiers[index]!, weight: REPLICA_WEIGHT },
        },
      ]),
    ),
  };
}
