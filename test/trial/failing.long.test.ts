/**
 * Deployments that fail, in the emulator, when a resource is made and when it is changed. By CloudFormation's API each
 * resource in turn, in the emulator alone: what the site's path leads to is looked up. By the real CDK CLI the first of each
 * type in each stack, unless an earlier stage has had it, with real databases and servers: the site is asked over HTTP. In
 * parts: `-t 'by the API'`, `-t 'by the CLI: growing'`, `-t 'first deployment of replicated'`.
 */
import { STAGES, type Stage, partsOf } from '../../lib/stage';
import type { Assembly } from '../../trial/assembly';
import { walk } from '../../trial/trial';
import { complaints } from '../../trial/walk/print';
import { happenings, type Templates } from '../lib/growth/order';
import { difference, inventory } from './deployments/inventory';
import { Site } from './deployments/site';

jest.setTimeout(3_600_000);
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

/** As the blueprint's own defaults have it, not the trial's. */
const PROTECTED = { 'database.deletionProtection': 'true' };
const NETWORK = 150;

/** What stays when the network's first creation fails: flow logs are in it by then, and a bucket that is not empty cannot be deleted. */
const STAYS = /^bucket mysite-network-logbucket/;

/** Of the row: step, stack, resource, when it failed, by whom it was deployed, what that ended in, what is wrong. */
let failed = 0;
function tell(...row: readonly string[]): void {
  failed += 1;
  process.stdout.write(`${row.join(' | ')}\n`);
}
afterAll(() => process.stdout.write(`${failed} deployments failed on purpose\n`));

type By = 'API' | 'CLI';

interface Failing {
  readonly id: string;
  readonly type: string;
  readonly when: 'create' | 'update';
}

/** By the CLI: kind of step, stack, type, and when it failed. */
const had = new Set<string>();

/** Those that are made to fail: each by the API, the first of a type by the CLI. */
function chosen(by: By, stack: string, isGrowth: boolean, all: readonly Failing[]): readonly Failing[] {
  if (by === 'API') return all;
  return all.filter(({ type, when }) => {
    const key = [isGrowth, stack, type, when].join();
    return !had.has(key) && had.add(key);
  });
}

/** The resources of a stack that a step makes or changes; of those that follow another's version, too. */
function failing(site: Site, stack: string, from: Assembly | undefined, to: Assembly): Failing[] {
  const after = site.template(to, stack);
  const before = from?.stacks.some(({ name }) => name === stack) ? site.template(from, stack) : undefined;
  const templates = (one?: typeof after): Templates => new Map(one ? [[stack, one]] : []);
  const changed = new Set(
    happenings(templates(before), templates(after))
      .filter(({ kind, type }) => kind === 'change' && type !== 'AWS::CDK::Metadata')
      .map(({ id }) => id),
  );
  const follows = (id: string) =>
    [...changed].some((other) =>
      JSON.stringify(after.Resources[id]).includes(`["${other}","LatestVersionNumber"]`),
    );
  // What differs in its metadata alone is not touched.
  const differs = (id: string) =>
    JSON.stringify(before?.Resources[id]?.Properties) !== JSON.stringify(after.Resources[id]!.Properties);
  const ids = Object.keys(after.Resources).filter((id) => (changed.has(id) && differs(id)) || follows(id));
  return ids.map((id) => {
    return { id, type: after.Resources[id]!.Type, when: before?.Resources[id] ? 'update' : 'create' };
  });
}

/** Deploys a stack while one of its resources fails, and looks at what that did. @returns what is wrong */
async function fails(
  by: By,
  site: Site,
  step: string,
  stack: string,
  to: Assembly,
  one: Failing,
): Promise<string[]> {
  const { id, type, when } = one;
  const reason = `no ${type} today`;
  const isNew = /^(absent|ROLLBACK_|DELETE_COMPLETE)/.test(await site.status(stack));
  const before = await inventory(site.target);
  const begun = Date.now();
  site.resourceFaults.set({ stack, resource: id, when, late: true, reason });
  // The CDK protects a stack before its first change (docs/first-deploy.md).
  if (isNew) await site.unprotect(stack);
  if (by === 'API') await site.apply(to, stack);
  else await expect(site.deploy(to, stack)).rejects.toThrow('cdk deploy failed');
  site.resourceFaults.set();
  const status = await site.settled(stack);
  const failures = await site.failures(stack, begun);
  const { left, gone } = difference(before, await inventory(site.target));
  const wrong = [
    ...(status === (isNew ? 'ROLLBACK_COMPLETE' : 'UPDATE_ROLLBACK_COMPLETE') ? [] : [status]),
    ...(failures[id] === reason ? [] : [`it did not fail: ${JSON.stringify(failures)}`]),
    ...left.filter((what) => !STAYS.test(what)).map((what) => `left: ${what}`),
    ...gone.map((what) => `gone: ${what}`),
  ];
  tell(step, stack, `${type} ${id}`, when, by, status, wrong.join('; '));
  return wrong.map((what) => `${id}: ${what}`);
}

/** The next deployment, without a fault. */
async function goesThrough(by: By, site: Site, stack: string, to: Assembly): Promise<void> {
  if (/^ROLLBACK_/.test(await site.status(stack))) await site.unprotect(stack);
  if (by === 'API') await site.apply(to, stack);
  else await site.deploy(to, stack);
  expect(await site.settled(stack)).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
}

const stacksOf = (stage: Stage): string[] =>
  ['zone', 'network', ...(partsOf(stage).database ? ['data'] : []), 'web', 'operations'].map(
    (part) => `mysite-${part}`,
  );

/** What is wrong with the path of a request, on paper; between two stages of growth some of it is of the next one. */
const wrongLinks = async (site: Site, assembly: Assembly): Promise<readonly string[]> =>
  site.world ? [] : complaints(await walk(site.target, assembly));

/** The site answers with what was written; on paper, what its path leads to is right, or as it was. */
async function serves(
  site: Site,
  assembly: Assembly,
  written: readonly string[],
  before: readonly string[] = [],
): Promise<void> {
  if (site.world) expect(await site.notes()).toEqual(written);
  expect(await wrongLinks(site, assembly)).toEqual(before);
}

async function writes(site: Site, text: string, written: string[]): Promise<void> {
  if (!site.world) return;
  await site.notes();
  await site.write(text);
  written.unshift(text);
}

describe.each<By>(['API', 'CLI'])('by the %s:', (by) => {
  const start = (network: number) => (by === 'API' ? Site.onPaper() : Site.start(network));

  describe.each(STAGES)('a first deployment of %s', (stage) => {
    let site: Site;
    let to: Assembly;
    beforeAll(async () => {
      site = await start(NETWORK + 4 * STAGES.indexOf(stage));
      to = site.assembly(stage, PROTECTED);
      await site.publish(to);
    });
    afterAll(() => site.close());

    test.each(stacksOf(stage))(
      'whatever fails in %s leaves nothing, and the next one goes through',
      async (stack) => {
        const wrong: string[] = [];
        for (const one of chosen(by, stack, false, failing(site, stack, undefined, to))) {
          wrong.push(...(await fails(by, site, `first ${stage}`, stack, to, one)));
        }
        await goesThrough(by, site, stack, to);
        expect(wrong).toEqual([]);
      },
    );

    test('then it serves', async () => {
      await serves(site, to, []);
    });
  });

  describe('growing', () => {
    let site: Site;
    const written: string[] = [];
    let from: Assembly;
    beforeAll(async () => {
      site = await start(NETWORK + 16);
      from = site.assembly('single-server', PROTECTED);
      await site.publish(from);
      for (const { name } of from.stacks) await goesThrough(by, site, name, from);
      await writes(site, 'single-server', written);
    });
    afterAll(() => site.close());

    describe.each(STAGES.slice(1))('to %s', (stage: Stage) => {
      let to: Assembly;
      beforeAll(async () => {
        to = site.assembly(stage, PROTECTED);
        await site.publish(to);
      });

      test.each(stacksOf(stage))(
        'whatever fails in %s: nothing that holds data is gone, the site serves, the next one goes through',
        async (stack) => {
          const wrong: string[] = [];
          const before = await wrongLinks(site, from);
          const all = failing(site, stack, from, to);
          for (const one of chosen(by, stack, true, all)) {
            wrong.push(...(await fails(by, site, `to ${stage}`, stack, to, one)));
            await serves(site, from, written, before);
          }
          if (all.length > 0) await goesThrough(by, site, stack, to);
          expect(wrong).toEqual([]);
        },
      );

      test('what is written then is there with what was written before', async () => {
        await serves(site, to, written);
        await writes(site, stage, written);
        await serves(site, to, written);
        from = to;
      });
    });
  });
});
