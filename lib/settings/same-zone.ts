import type { Settings } from '../settings';

/** Settings under the name of their environment; `undefined` for those of cdk.json alone. */
export interface Variant {
  readonly environment: string | undefined;
  readonly settings: Settings;
}

/** Where the stack with the zone is: two variants with the same place share one zone. */
const placeOf = ({ account, region, name }: Settings): string => `${account ?? ''} ${region} ${name}`;

const makesZone = ({ site }: Settings): boolean =>
  site.zoneName !== undefined && site.hostedZoneId === undefined;

/**
 * Another variant of cdk.json that would make a public zone of the same name in a stack of its own. Each of the two
 * would have name servers of its own, and the registrar can name those of one only: the certificate of the other would
 * wait for ever.
 */
export function sharesZoneName(settings: Settings, others: readonly Variant[]): Variant | undefined {
  if (!makesZone(settings)) return undefined;
  return others.find(
    (other) =>
      makesZone(other.settings) &&
      other.settings.site.zoneName === settings.site.zoneName &&
      placeOf(other.settings) !== placeOf(settings),
  );
}
