import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT, context } from './project';

/** Writes the least app there is, with the blueprint's feature flags, into `folder`: what any `cdk synth` costs. */
export function writeEmptyApp(folder: string): void {
  const flags = Object.fromEntries(Object.entries(context()).filter(([key]) => key.startsWith('@aws-cdk')));
  const library = JSON.stringify(join(PROJECT, 'node_modules/aws-cdk-lib'));
  writeFileSync(join(folder, 'cdk.json'), JSON.stringify({ app: 'node app.js', context: flags }));
  writeFileSync(
    join(folder, 'app.js'),
    `const { App, CfnWaitConditionHandle, Stack } = require(${library});
new CfnWaitConditionHandle(new Stack(new App(), 'empty'), 'Handle');
`,
  );
}
