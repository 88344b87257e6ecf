import { SITE_ENVIRONMENT_NAMES } from '../../app/environment';
import { minutesOfDaily, minutesOfWeekly, overlap } from '../../lambda/failover/decide/window';
import type { Settings } from '../settings';
import { partsOf } from '../stage';
import { awsChecks } from './aws-checks';
import { type Broken, when } from './broken';
import { architectureOf } from './instance-types';
import { zonesIn } from './regions';
import { userDataChecks } from './user-data-checks';

/**
 * Every rule between settings that `settings` breaks.
 *
 * @param isFolder whether a folder exists, relative to cdk.json
 */
export function crossChecks(settings: Settings, isFolder: (path: string) => boolean): Broken[] {
  return [
    ...networkChecks(settings),
    ...siteChecks(settings),
    ...webChecks(settings, isFolder),
    ...databaseChecks(settings),
    ...failoverChecks(settings),
    ...windowChecks(settings),
    ...awsChecks(settings),
  ];
}

function networkChecks({ stage, region, network: { zones, zoneNames, natGateways } }: Settings): Broken[] {
  const available = zonesIn(region) ?? zones;
  const inRegion = (name: string) => name.startsWith(region) && name.length === region.length + 1;
  return [
    ...when(
      zones > available,
      ['network.zones', 'region'],
      `at most ${available}, as ${region} has no more for a new account`,
    ),
    ...when(
      zoneNames !== undefined &&
        (zoneNames.length !== zones || new Set(zoneNames).size !== zones || !zoneNames.every(inRegion)),
      ['network.zoneNames', 'network.zones', 'region'],
      `${zones} different zones of ${region}, such as ["${region}a", "${region}b"]`,
    ),
    ...when(
      natGateways > zones,
      ['network.natGateways', 'network.zones'],
      `at most ${zones}, one for each of network.zones`,
    ),
    ...when(
      partsOf(stage).loadBalancer && natGateways === 0,
      ['network.natGateways', 'stage'],
      `at least 1 at ${stage}: servers and the failover controller are in private subnets and must reach AWS's APIs`,
    ),
  ];
}

function siteChecks({ site }: Settings): Broken[] {
  const { zoneName, hostedZoneId, recordName, takeOverRecord, https } = site;
  return [
    ...when(
      https && !zoneName,
      ['site.https', 'site.zoneName'],
      'false without site.zoneName, as a certificate needs a domain',
    ),
    ...when(
      hostedZoneId !== undefined && !zoneName,
      ['site.hostedZoneId', 'site.zoneName'],
      'only together with site.zoneName, the name of that zone',
    ),
    ...when(
      takeOverRecord && hostedZoneId === undefined,
      ['site.takeOverRecord', 'site.hostedZoneId'],
      'true only with site.hostedZoneId, the zone that has the record; a new zone has none',
    ),
    ...when(
      recordName !== '' && !zoneName,
      ['site.recordName', 'site.zoneName'],
      'only together with site.zoneName, the domain that it is a name in',
    ),
    ...when(
      zoneName !== undefined && (recordName === zoneName || recordName.endsWith(`.${zoneName}`)),
      ['site.recordName', 'site.zoneName'],
      `the name without the domain: ${JSON.stringify(recordName.slice(0, -(zoneName?.length ?? 0)).replace(/\.$/, ''))}`,
    ),
  ];
}

function webChecks({ web }: Settings, isFolder: (path: string) => boolean): Broken[] {
  const architecture = architectureOf(web.instanceType);
  const taken = Object.keys(web.environment).filter((name) =>
    (SITE_ENVIRONMENT_NAMES as readonly string[]).includes(name),
  );
  return [
    ...when(
      architecture !== web.architecture,
      ['web.instanceType', 'web.architecture'],
      `a type of the architecture ${web.architecture}, such as ${web.architecture === 'arm64' ? 't4g.small' : 't3a.small'}; or set web.architecture to ${architecture}`,
    ),
    ...when(
      web.minCapacity > web.maxCapacity,
      ['web.minCapacity', 'web.maxCapacity'],
      `at most web.maxCapacity, which is ${web.maxCapacity}`,
    ),
    ...when(
      web.artifact !== undefined && !isFolder(web.artifact),
      ['web.artifact'],
      'a folder that exists, relative to cdk.json',
    ),
    ...taken.map((name): Broken => ({
      paths: [`web.environment.${name}`],
      allowed: 'a name that the blueprint does not set itself (app/environment.ts has those)',
    })),
    ...userDataChecks(web),
  ];
}

function databaseChecks({ stage, database }: Settings): Broken[] {
  const { replicas, backupDays, storageGiB, maxStorageGiB } = database;
  const parts = partsOf(stage);
  // RDS guide, "Managing capacity automatically": the limit is at least 10 % above the allocated storage.
  const least = Math.ceil((storageGiB * 11) / 10);
  return [
    ...when(
      parts.replicas && replicas === 0,
      ['database.replicas', 'stage'],
      'at least 1 at replicated; or take the stage load-balanced',
    ),
    ...when(
      parts.replicas && replicas > 0 && backupDays === 0,
      ['database.backupDays', 'database.replicas', 'stage'],
      'at least 1, as RDS makes replicas only of a source that has backups',
    ),
    ...when(
      maxStorageGiB < least,
      ['database.maxStorageGiB', 'database.storageGiB'],
      `at least ${least}, 10 % above database.storageGiB`,
    ),
  ];
}

function failoverChecks({ failover: { probeIntervalSeconds, detectAfterSeconds } }: Settings): Broken[] {
  // Three looks must have failed (lambda/failover/policy.ts), and between three there are two pauses.
  const least = 2 * probeIntervalSeconds;
  return when(
    detectAfterSeconds < least,
    ['failover.detectAfterSeconds', 'failover.probeIntervalSeconds'],
    `at least ${least}, twice failover.probeIntervalSeconds, as the primary must have failed three looks`,
  );
}

/** RDS API reference, PreferredMaintenanceWindow and PreferredBackupWindow: their lengths, and that they "must not conflict". */
function windowChecks({ database: { backupWindow }, failover: { maintenanceWindow } }: Settings): Broken[] {
  const weekly = minutesOfWeekly(maintenanceWindow);
  return [
    ...when(
      weekly < 30 || weekly > 24 * 60,
      ['failover.maintenanceWindow'],
      'at least 30 minutes and at most 24 hours, as RDS asks for, such as sun:03:00-sun:04:00',
    ),
    ...when(
      minutesOfDaily(backupWindow) < 30,
      ['database.backupWindow'],
      'at least 30 minutes, as RDS asks for, such as 05:00-06:00',
    ),
    ...when(
      weekly <= 24 * 60 && overlap(backupWindow, maintenanceWindow),
      ['database.backupWindow', 'failover.maintenanceWindow'],
      'a time of the day at which failover.maintenanceWindow is on no day, as RDS refuses windows that overlap',
    ),
  ];
}
