import { z } from 'zod';
import { settingsSchema } from '../settings';
import { type Listed, listSettings } from './schema';

const defaultOf = ({ schema, about }: Listed): string => {
  const parsed = schema.safeParse(undefined);
  if (!parsed.success || parsed.data === undefined) return about.otherwise ?? 'none';
  return code(JSON.stringify(parsed.data));
};

const code = (text: string): string => '`' + text + '`';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** docs/settings.md: a table for each group, from the definitions. */
export function settingsPage(): string {
  const groups = new Map<string, Listed[]>();
  for (const listed of listSettings()) {
    const group = listed.path.includes('.') ? listed.path.split('.')[0]! : 'general';
    groups.set(group, [...(groups.get(group) ?? []), listed]);
  }
  const tables = [...groups].map(([group, members]) =>
    [
      `## ${group}`,
      '',
      '| setting | default | allowed | what it is |',
      '| --- | --- | --- | --- |',
      ...members.map((listed) => {
        const unit = listed.about.unit ? ` (${listed.about.unit})` : '';
        return `| ${code(listed.path)} | ${cell(defaultOf(listed))} | ${cell(listed.about.allowed)} | ${cell(listed.about.description)}${unit} |`;
      }),
    ].join('\n'),
  );
  return `${INTRODUCTION}\n${tables.join('\n\n')}\n`;
}

const INTRODUCTION = `# Settings

<!-- Made from lib/settings.ts by \`npm run settings\`; a test fails when it is stale. -->

Settings are read from three places, each on top of the one before:

1. \`settings\` in the context of \`cdk.json\`;
2. the environment that \`-c env=NAME\` names, from \`environments\` beside it; \`dev\`, \`prod\` and \`trial\` are there,
   add your own. \`null\` takes a setting back to its default;
3. single values: \`-c web.minCapacity=4\`, \`-c 'tags={"team":"web"}'\`.

Whatever is wrong is reported at once, before anything is written. \`docs/settings.schema.json\` describes
the \`settings\` object for editors. The settings of \`failover\` have an effect at the stage \`replicated\`;
\`maintenanceWindow\` wherever there is a database.
`;

/** docs/settings.schema.json: the `settings` object for editors. */
export function settingsJsonSchema(): string {
  const schema = z.toJSONSchema(settingsSchema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // What is said for people here stays in words: `description` is what editors show.
      const { allowed, unit } = jsonSchema as { allowed?: string; unit?: string };
      if (allowed) {
        jsonSchema.description = `${jsonSchema.description} Allowed: ${allowed}${unit ? ` (${unit})` : ''}.`;
      }
      for (const key of ['allowed', 'unit', 'otherwise', 'names', 'whyNot'])
        delete (jsonSchema as Record<string, unknown>)[key];
    },
  });
  return `${JSON.stringify({ title: 'Settings of scale-from-zero', ...schema }, null, 2)}\n`;
}
