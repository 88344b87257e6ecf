import { rmSync } from 'node:fs';
import { inVain, unexplained, type Finding } from '../support/explanations';
import { OPTIONS, STAGES_IN_ENVIRONMENTS } from '../support/variants';
import type { Scanner } from '../../lib/acknowledge';
import { checkov } from './checkov';
import { guard, rulesIn } from './guard';
import type { Said } from './said';
import { scanners } from './setup';
import { type Scanned, Templates } from './templates';

/**
 * Scanners that others run on the templates, with nothing left to say: what they find is mended, or explained beside the
 * resource (lib/acknowledge.ts). They run twice: on all templates without the explanations, where each explanation must
 * be needed, and on those of the stages as they are, where the scanners themselves must be silent.
 */

/** These apply to all resources of a type as soon as one of them is not suppressed. */
const NOT_SUPPRESSIBLE = ['CFN_NO_EXPLICIT_RESOURCE_NAMES'];

const programs = scanners();
const templates = new Templates(
  [...STAGES_IN_ENVIRONMENTS, ...OPTIONS],
  STAGES_IN_ENVIRONMENTS.filter(({ context }) => !context),
);
afterAll(() => rmSync(templates.folder, { recursive: true }));

interface Case {
  readonly scanner: Scanner;
  readonly run: (folder: string) => Said[];
  /** @default - all */
  readonly rules?: readonly string[];
}

const CASES: readonly Case[] = [
  { scanner: 'checkov', run: (folder) => checkov(programs.checkov, folder) },
  {
    scanner: 'guard',
    run: (folder) => guard(programs.cfnGuard, programs.registry, folder),
    rules: rulesIn(programs.registry),
  },
  { scanner: 'controlTower', run: (folder) => guard(programs.cfnGuard, programs.controlTower, folder) },
];

describe.each(CASES)('$scanner', ({ scanner, run, rules }) => {
  let bare: Said[] = [];
  beforeAll(() => {
    bare = run(templates.bare);
  });

  test('finds what is there', () => {
    expect(bare.length).toBeGreaterThan(20);
  });

  test.each(templates.scanned)('has nothing to say of $variant', (scanned) => {
    expect(unexplained(findingsOf(scanner, bare, scanned), scanned.explanations)).toEqual([]);
  });

  test.each(templates.scanned)('needs each explanation in $variant', (scanned) => {
    const own = scanned.explanations.filter(
      (each) => each.scanner === scanner && (rules === undefined || rules.includes(each.rule)),
    );
    expect(inVain(findingsOf(scanner, bare, scanned), own)).toEqual([]);
  });
});

// Those of Control Tower read no metadata; the CDK's plugin reads the CDK's own list.
test.each(CASES.slice(0, 2))('$scanner reads the explanations in the templates', ({ run }) => {
  expect(run(templates.shipped).filter(({ rule }) => !NOT_SUPPRESSIBLE.includes(rule))).toEqual([]);
});

/** A finding about a template as a whole is about each place where it is explained. */
function findingsOf(scanner: Scanner, said: readonly Said[], { stacks, explanations }: Scanned): Finding[] {
  return stacks.flatMap(({ path, file, paths }) =>
    said
      .filter((each) => each.file === file)
      .flatMap(({ rule, resources }) => {
        const explained = explanations
          .filter((each) => each.rule === rule && each.path.startsWith(`${path}/`))
          .map((each) => each.path);
        const places = resources.length > 0 ? resources.map((id) => paths.get(id)!) : explained;
        return (places.length > 0 ? places : [path]).map((place) => ({ scanner, rule, path: place }));
      }),
  );
}
