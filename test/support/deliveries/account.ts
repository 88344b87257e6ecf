/** Templates of one app as an account would have them: every reference becomes the text that AWS would put there. */

export interface Resource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
  readonly DependsOn?: string | readonly string[];
}

export interface TemplateJson {
  readonly Resources: Record<string, Resource>;
  readonly Outputs?: Record<string, { readonly Value: unknown }>;
}

/** By the name of their stack. */
export type Templates = ReadonlyMap<string, TemplateJson>;

export const ACCOUNT_ID = '111122223333';

export interface Found {
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  /** With every reference resolved. */
  readonly properties: any; // eslint-disable-line @typescript-eslint/no-explicit-any
  readonly dependsOn: readonly string[];
  readonly arn: string;
  /** What `Ref` gives. */
  readonly ref: string;
}

/** What the ARN of a type looks like between account and name, and whether `Ref` gives it; others have names only. */
const ARNS: Record<string, { readonly of: (name: string, region: string) => string; readonly isRef?: true }> =
  {
    'AWS::SNS::Topic': { of: (name, region) => `arn:aws:sns:${region}:${ACCOUNT_ID}:${name}`, isRef: true },
    'AWS::SQS::Queue': { of: (name, region) => `arn:aws:sqs:${region}:${ACCOUNT_ID}:${name}` },
    'AWS::Lambda::Function': {
      of: (name, region) => `arn:aws:lambda:${region}:${ACCOUNT_ID}:function:${name}`,
    },
    'AWS::S3::Bucket': { of: (name) => `arn:aws:s3:::${name.toLowerCase()}` },
    'AWS::IAM::Role': { of: (name) => `arn:aws:iam::${ACCOUNT_ID}:role/${name}` },
    'AWS::KMS::Key': { of: (name, region) => `arn:aws:kms:${region}:${ACCOUNT_ID}:key/${name}` },
    'AWS::Events::Rule': { of: (name, region) => `arn:aws:events:${region}:${ACCOUNT_ID}:rule/${name}` },
    'AWS::CloudWatch::Alarm': {
      of: (name, region) => `arn:aws:cloudwatch:${region}:${ACCOUNT_ID}:alarm:${name}`,
    },
  };

export class Account {
  readonly resources: readonly Found[];

  constructor(
    private readonly templates: Templates,
    readonly region: string,
  ) {
    this.resources = [...templates].flatMap(([stack, { Resources }]) =>
      Object.entries(Resources).map(([id, resource]) => this.found(stack, id, resource)),
    );
  }

  ofType(type: string): Found[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** The one with this ARN or `Ref`. */
  named(type: string, text: string): Found | undefined {
    return this.ofType(type).find(({ arn, ref }) => arn === text || ref === text);
  }

  private found(stack: string, id: string, { Type, Properties = {}, DependsOn = [] }: Resource): Found {
    const arn = this.arnOf(stack, id);
    return {
      stack,
      id,
      type: Type,
      properties: this.resolve(Properties, stack),
      dependsOn: [DependsOn].flat(),
      arn,
      ref: this.attribute(stack, id),
    };
  }

  private nameOf(stack: string, id: string): string {
    const { Type, Properties } = this.templates.get(stack)!.Resources[id]!;
    // Policies name alarms. Other names that are given would only be mistaken for a mention of what has them.
    return Type === 'AWS::CloudWatch::Alarm' ? (Properties!.AlarmName as string) : `${stack}-${id}`;
  }

  private arnOf(stack: string, id: string): string {
    const { Type } = this.templates.get(stack)!.Resources[id]!;
    const name = this.nameOf(stack, id);
    return ARNS[Type]?.of(name, this.region) ?? `arn:aws:other:${this.region}:${ACCOUNT_ID}:${name}`;
  }

  private attribute(stack: string, id: string, attribute?: string): string {
    const { Type } = this.templates.get(stack)!.Resources[id]!;
    if (attribute ? attribute.endsWith('Arn') : ARNS[Type]?.isRef) return this.arnOf(stack, id);
    if (attribute) return `${this.nameOf(stack, id)}.${attribute}`;
    // A bucket's name has no capitals, and is part of its ARN.
    return Type === 'AWS::S3::Bucket' ? this.nameOf(stack, id).toLowerCase() : this.nameOf(stack, id);
  }

  private resolve(value: unknown, stack: string): unknown {
    if (Array.isArray(value)) return value.map((member) => this.resolve(member, stack));
    if (typeof value !== 'object' || value === null) return value;
    const [[key, given] = ['', undefined], ...more] = Object.entries(value);
    if (more.length === 0 && (key === 'Ref' || key.startsWith('Fn::'))) {
      return this.intrinsic(key, given, stack);
    }
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, this.resolve(member, stack)]),
    );
  }

  private intrinsic(name: string, given: unknown, stack: string): unknown {
    if (name === 'Ref') return this.reference(given as string, stack);
    if (name === 'Fn::GetAtt') {
      const [id, attribute] = given as [string, string];
      return this.attribute(stack, id, attribute);
    }
    if (name === 'Fn::Join') {
      const [between, parts] = given as [string, unknown[]];
      return parts.map((part) => this.resolve(part, stack)).join(between);
    }
    if (name === 'Fn::GetStackOutput') {
      const { StackName, OutputName } = given as { StackName: string; OutputName: string };
      return this.resolve(this.templates.get(StackName)!.Outputs![OutputName]!.Value, StackName);
    }
    // Lists, zones, the halves of a name: nothing is delivered to them.
    return { [name]: this.resolve(given, stack) };
  }

  private reference(id: string, stack: string): string {
    const pseudo: Record<string, string> = {
      'AWS::AccountId': ACCOUNT_ID,
      'AWS::Region': this.region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
    };
    if (pseudo[id]) return pseudo[id];
    return this.templates.get(stack)!.Resources[id] ? this.attribute(stack, id) : id;
  }
}
