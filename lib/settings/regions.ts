/**
 * Letters of the availability zones that a new account sees in each region,
 * as cfn-lint 1.58.0 knows them (cfnlint/helpers.py, AVAILABILITY_ZONES).
 */
const ZONE_LETTERS: Record<string, string> = {
  'af-south-1': 'abc',
  'ap-east-1': 'abc',
  'ap-east-2': 'abc',
  'ap-northeast-1': 'acd',
  'ap-northeast-2': 'abcd',
  'ap-northeast-3': 'abc',
  'ap-south-1': 'abc',
  'ap-south-2': 'abc',
  'ap-southeast-1': 'abc',
  'ap-southeast-2': 'abc',
  'ap-southeast-3': 'abc',
  'ap-southeast-4': 'abc',
  'ap-southeast-5': 'abc',
  'ap-southeast-6': 'abc',
  'ap-southeast-7': 'abc',
  'ca-central-1': 'abd',
  'ca-west-1': 'abc',
  'eu-central-1': 'abc',
  'eu-central-2': 'abc',
  'eu-north-1': 'abc',
  'eu-south-1': 'abc',
  'eu-south-2': 'abc',
  'eu-west-1': 'abc',
  'eu-west-2': 'abc',
  'eu-west-3': 'abc',
  'il-central-1': 'abc',
  'me-central-1': 'abc',
  'mx-central-1': 'abc',
  'sa-east-1': 'abc',
  'us-east-1': 'abcdef',
  'us-east-2': 'abc',
  'us-west-1': 'ac',
  'us-west-2': 'abcd',
};

/** The regions that the blueprint knows. */
export const REGIONS: readonly string[] = Object.keys(ZONE_LETTERS);

const OTHER_PARTITIONS: readonly (readonly [RegExp, string])[] = [
  [/^us-gov-/, 'GovCloud'],
  [/^cn-/, 'China'],
  [/^(us|eu)-iso|^eusc-/, 'a sovereign or secret region'],
];

/**
 * Why a region that AWS has is not supported; undefined for the others. RDS's certificates come from a trust store of the
 * partition (RDS guide, "Using SSL/TLS to encrypt a connection"), and lib/web/boot.sh and Lambda's runtime have that of the
 * commercial one; GovCloud has no public hosted zones (GovCloud guide, "Amazon Route 53").
 */
export function whyNotRegion(region: string): string | undefined {
  const place = OTHER_PARTITIONS.find(([form]) => form.test(region))?.[1];
  return (
    place &&
    `a region of the partition "aws": ${region} is ${place}, with a trust store of its own for the certificates of RDS, and partly without public hosted zones`
  );
}

/** How many availability zones an account sees in `region`; undefined for a region that is not known. */
export function zonesIn(region: string): number | undefined {
  return ZONE_LETTERS[region]?.length;
}
