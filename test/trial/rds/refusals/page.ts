/** The catalogue as a page for people. */
import { UNDECIDED } from '../../../../trial/rds/model/undecided';
import { CATALOGUE } from './all';
import type { Row } from './row';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const line = (...cells: string[]): string => `| ${cells.map(cell).join(' | ')} |`;

function answerOf({ code, says, shows, undecided }: Row): string {
  const answer = code === 'accepted' ? 'accepted' : `\`${code}\``;
  const words = says ? `: ${says.source.replaceAll('\\', '').split('|')[0]!}` : '';
  const status = shows ? `, shown as \`${shows}\`` : '';
  return `${answer}${words}${status}${undecided ? ' *(not decided)*' : ''}`;
}

export function page(): string {
  const operations = [...new Set(CATALOGUE.map(({ operation }) => operation))];
  const sections = operations.flatMap((operation) => [
    `## ${operation}`,
    '',
    line('asked', 'of', 'RDS answers', 'source'),
    line('---', '---', '---', '---'),
    ...CATALOGUE.filter((row) => row.operation === operation).map((row) =>
      line(row.asked, row.given, answerOf(row), row.source),
    ),
    '',
  ]);
  return [
    '# What RDS for PostgreSQL refuses',
    '',
    `The ${CATALOGUE.length} rows by which the trial's RDS is tested (\`test/trial/rds/refusals/\`), for the operations that it serves. This page is written by \`npx ts-node test/trial/rds/write-refusals.ts\`.`,
    '',
    'Nothing of this was tried on AWS by this project: each row has its source. "API" is the API reference as botocore ships it, "guide" the RDS User Guide, "tf" hashicorp/terraform-provider-aws, "cfn" aws-cloudformation/aws-cloudformation-resource-providers-rds, "moj" ministryofjustice/cloud-platform-environments, "moto" getmoto/moto\'s own tests.',
    '',
    '## Not decided by evidence',
    '',
    "The trial's RDS can play each of these answers; it plays the first unless it is told otherwise. The simulation draws the answers of each schedule, so that the failover controller has to survive all of them.",
    '',
    line('question', 'answers', 'why it is open'),
    line('---', '---', '---'),
    ...Object.values(UNDECIDED).map(({ question, answers, source }) =>
      line(question, answers.join('; '), source),
    ),
    '',
    ...sections,
  ].join('\n');
}
