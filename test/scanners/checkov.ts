import { basename } from 'node:path';
import type { Said } from './said';
import { outputOf } from './said';

interface Report {
  readonly results: {
    readonly failed_checks: readonly {
      readonly check_id: string;
      readonly file_path: string;
      readonly resource: string;
    }[];
  };
  readonly summary: { readonly parsing_errors: number };
}

/**
 * What checkov finds in the templates of a folder. It asks nobody: by itself it would fetch texts of its maker.
 *
 * @throws Error when it cannot read a template
 */
export function checkov(program: string, folder: string): Said[] {
  const options = [
    '--framework',
    'cloudformation',
    '--output',
    'json',
    '--compact',
    '--quiet',
    '--skip-download',
  ];
  const { results, summary } = JSON.parse(outputOf(program, ['--directory', folder, ...options])) as Report;
  if (summary.parsing_errors > 0)
    throw new Error(`checkov cannot read ${summary.parsing_errors} of the templates`);
  return results.failed_checks.map(({ check_id: rule, file_path: path, resource }) => ({
    rule,
    file: basename(path),
    // `AWS::S3::Bucket.LogBucketCC3B17E8`
    resources: [resource.split('.')[1]!],
  }));
}
