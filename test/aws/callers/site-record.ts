import { wantedRecord } from '../../../lambda/site-record/changes';
import { handler } from '../../../lambda/site-record/handler';
import { SITE_RECORD, type SiteRecordProperties } from '../../../lambda/site-record/properties';
import type { Call } from '../recording';
import type { Caller } from './caller';
import { driveCustomResource } from './custom-resource';

const NAME = 'record of the site';

/** What puts the site's name over a record that is there already: of others, and of its own. */
export const siteRecord: Caller = {
  name: NAME,
  function: 'TakenOverRecordFunction',
  role: 'TakenOverRecordRole',
  async drive(site) {
    const calls: Call[] = [];
    const [{ properties }] = site.resources(SITE_RECORD) as unknown as [{ properties: SiteRecordProperties }];
    const Name = `${properties.Name}.`;
    const others = [
      { Name, Type: 'CNAME', TTL: 300, ResourceRecords: [{ Value: 'old.mysite.com' }] },
      { Name, Type: 'AAAA', TTL: 300, ResourceRecords: [{ Value: '2001:db8::1' }] },
    ];
    for (const ResourceRecordSets of [others, [wantedRecord(properties)]]) {
      const answers = {
        'Route 53 ListResourceRecordSets': () => ({ IsTruncated: false, ResourceRecordSets }),
      };
      calls.push(...(await driveCustomResource(NAME, site, SITE_RECORD, handler, answers)));
    }
    return calls;
  },
};
