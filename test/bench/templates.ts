import { statSync } from 'node:fs';
import { join } from 'node:path';
import { STAGES } from '../../lib/stage';
import { readAssembly } from '../../trial/assembly';
import type { Section } from './figure';
import type { Bench } from './part';
import { quantity } from './print';
import { PROJECT, appCommand, appEnvironment } from './project';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const MOST_RESOURCES = 500;
/** "Template body size in an S3 object": 1 MB, the same page. */
const MOST_BYTES = 1_048_576;

/** How large the templates are. */
export async function templates({ programs, say }: Bench): Promise<Section> {
  const stacks: { stage: string; name: string; resources: number; bytes: number }[] = [];
  for (const stage of STAGES) {
    const folder = programs.folder();
    const env = appEnvironment(stage, folder);
    await programs.time({ name: `the app for ${stage}`, ...appCommand(), cwd: PROJECT, env });
    for (const { name, resources } of readAssembly(folder).stacks) {
      const { size } = statSync(join(folder, `${name}.template.json`));
      stacks.push({ stage, name, resources: Object.keys(resources).length, bytes: size });
    }
    say(`templates: ${stage}`);
  }
  const share = (value: number, limit: number) => `${((100 * value) / limit).toFixed(1)} %`;
  return {
    part: 'templates',
    title: 'Templates',
    about: `Resources and bytes of each stack with the settings of cdk.json, as the CDK uploads it, against [CloudFormation's limits](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html) for a template: ${MOST_RESOURCES} resources, 1 MB. Sizes do not vary from run to run, so they are taken once.`,
    figures: [
      {
        name: 'most resources in a stack',
        unit: 'resources',
        values: [Math.max(...stacks.map(({ resources }) => resources))],
        goal: { atMost: MOST_RESOURCES },
      },
      {
        name: 'largest template',
        unit: 'bytes',
        values: [Math.max(...stacks.map(({ bytes }) => bytes))],
        goal: { atMost: MOST_BYTES },
      },
    ],
    table: {
      columns: [
        { name: 'Stage' },
        { name: 'Stack' },
        { name: 'Resources', number: true },
        { name: `Of ${MOST_RESOURCES}`, number: true },
        { name: 'Bytes', number: true },
        { name: 'Of 1 MB', number: true },
      ],
      rows: stacks.map(({ stage, name, resources, bytes }) => [
        stage,
        name,
        String(resources),
        share(resources, MOST_RESOURCES),
        quantity(bytes, 'bytes').replace(' bytes', ''),
        share(bytes, MOST_BYTES),
      ]),
    },
  };
}
