import { stageTemplates, STAGES } from '../../support/synthesize';

interface Rule {
  readonly Status: string;
  readonly Prefix?: string;
  readonly ExpirationInDays?: number;
  readonly NoncurrentVersionExpiration?: { readonly NoncurrentDays: number };
}

const bucketOf = (stage: (typeof STAGES)[number]) => {
  const [bucket] = Object.values(stageTemplates(stage).get('network')!.findResources('AWS::S3::Bucket'));
  return bucket!.Properties as {
    readonly VersioningConfiguration?: object;
    readonly LifecycleConfiguration: { readonly Rules: readonly Rule[] };
  };
};

/** The days after which what has this key goes, and an earlier version of it; `Infinity` when it stays. */
function lifeOf(key: string, stage: (typeof STAGES)[number]): readonly [now: number, earlier: number] {
  const rules = bucketOf(stage).LifecycleConfiguration.Rules.filter(
    ({ Status, Prefix = '' }) => Status === 'Enabled' && key.startsWith(Prefix),
  );
  return [
    Math.min(...rules.map(({ ExpirationInDays = Infinity }) => ExpirationInDays)),
    Math.min(
      ...rules.map(
        ({ NoncurrentVersionExpiration: { NoncurrentDays = Infinity } = { NoncurrentDays: Infinity } }) =>
          NoncurrentDays,
      ),
    ),
  ];
}

describe.each(STAGES)('the log bucket at %s', (stage) => {
  test('keeps plans of recovery for ever, and what they were before', () => {
    expect(bucketOf(stage).VersioningConfiguration).toEqual({ Status: 'Enabled' });
    expect(lifeOf('recovery/2026-01-01/plan.jsonl', stage)).toEqual([Infinity, Infinity]);
  });

  test.each(['load-balancer', 'flow-logs'])('ends logs below %s after logs.days', (prefix) => {
    expect(lifeOf(`${prefix}/AWSLogs/111122223333/some.gz`, stage)).toEqual([90, 1]);
  });
});
