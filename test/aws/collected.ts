/** All calls of all callers at every stage, and what each role may do and is asked for. */
import { STAGES } from '../support/synthesize';
import { callersOf } from './callers/all';
import { needsOf } from './needs';
import { type Need, policiesOf, type RolePolicies } from './role-policies';
import type { Call } from './recording';
import { SERVICE_ROLES } from './services';
import { Site } from './site';

/** What brings a caller that the default settings do without. */
const NAME_IN_USE = {
  site: {
    zoneName: 'mysite.com',
    recordName: 'api',
    hostedZoneId: 'Z0123456789ABCDEFGHIJ',
    takeOverRecord: true,
  },
};

export interface Role extends RolePolicies {
  readonly stage: string;
  readonly id: string;
  readonly needs: readonly Need[];
}

export interface Collected {
  readonly sites: readonly Site[];
  readonly calls: readonly Call[];
  readonly roles: readonly Role[];
}

export async function collect(): Promise<Collected> {
  const sites = [...STAGES.map((stage) => new Site(stage)), new Site('load-balanced', NAME_IN_USE)];
  const all: { calls: readonly Call[]; roles: readonly Role[] }[] = [];
  // One after the other: a recording takes every call for its caller's.
  for (const site of sites) all.push(await collectOf(site));
  return { sites, calls: all.flatMap(({ calls }) => calls), roles: all.flatMap(({ roles }) => roles) };
}

async function collectOf(site: Site): Promise<{ calls: readonly Call[]; roles: readonly Role[] }> {
  const all: Call[] = [];
  const asked: { role: string; need: Need }[] = [];
  for (const { role, drive } of callersOf(site)) {
    const calls = await drive(site);
    all.push(...calls);
    if (role) asked.push(...calls.flatMap((call) => needsOf(call, site)).map((need) => ({ role, need })));
  }
  const roles = site.resources('AWS::IAM::Role').map(({ part, id }) => ({
    stage: site.stage,
    id,
    ...policiesOf(site, part, id),
    needs: [
      ...asked.filter(({ role }) => id.startsWith(role)).map(({ need }) => need),
      ...SERVICE_ROLES.filter(({ role }) => id.startsWith(role)).flatMap(({ needs }) => needs(site)),
    ],
  }));
  return { calls: all, roles };
}
