/** What the template says to the function: the properties of its custom resource. CloudFormation makes texts of numbers. */
export interface SiteRecordProperties {
  readonly HostedZoneId: string;
  /** `api.mysite.com` */
  readonly Name: string;
  /** Exactly one of the two. */
  readonly Alias?: { readonly DNSName: string; readonly HostedZoneId: string };
  readonly Address?: { readonly Value: string; readonly Seconds: string };
}

export const SITE_RECORD = 'Custom::SiteRecord';
