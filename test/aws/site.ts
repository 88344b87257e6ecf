/** A site as it would be deployed: the templates of a stage, with every reference in them followed. */
import { app, stageTemplates, templatesOf } from '../support/synthesize';
import type { Stage } from '../../lib/stage';
import { ACCOUNT, PARTITION, type Physical, type Place, type Resource, PHYSICAL } from './physical';

interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

export type Properties = Readonly<Record<string, unknown>>;

export interface Found {
  /** Of the stack: `data`. */
  readonly part: string;
  readonly id: string;
  readonly type: string;
  /** With every reference followed. */
  readonly properties: Properties;
}

const SITE_NAME = 'mysite';

export class Site {
  readonly region = 'us-east-1';
  private readonly templates: ReadonlyMap<string, Template>;

  /** @param settings more of them; absent: those that every test has */
  constructor(
    readonly stage: Stage,
    settings?: object,
  ) {
    const templates = settings ? templatesOf(app({ stage, ...settings })) : stageTemplates(stage);
    this.templates = new Map([...templates].map(([part, template]) => [part, template.toJSON() as Template]));
  }

  get parts(): readonly string[] {
    return [...this.templates.keys()];
  }

  /** What has this type, in whatever stack. */
  resources(type: string): readonly Found[] {
    return [...this.templates].flatMap(([part, { Resources }]) =>
      Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) =>
        Type === type ? [{ part, id, type, properties: this.resolve(part, Properties) as Properties }] : [],
      ),
    );
  }

  /** The ids of the resources of a stack, by their types. */
  types(part: string): ReadonlyMap<string, string> {
    return new Map(Object.entries(this.templates.get(part)!.Resources).map(([id, { Type }]) => [id, Type]));
  }

  outputs(part: string): Readonly<Record<string, string>> {
    const { Outputs = {} } = this.templates.get(part)!;
    return Object.fromEntries(
      Object.entries(Outputs).map(([name, { Value }]) => [name, this.resolve(part, Value) as string]),
    );
  }

  stackId(part: string): string {
    return `arn:${PARTITION}:cloudformation:${this.region}:${ACCOUNT}:stack/${SITE_NAME}-${part}/0f0f0f0f-0000-11f0-8000-000000000000`;
  }

  arn(service: string, rest: string): string {
    return `arn:${PARTITION}:${service}:${this.region}:${ACCOUNT}:${rest}`;
  }

  /** @throws Error when a reference leads nowhere, or to a type that physical.ts does not know */
  ref(part: string, id: string): string {
    return this.physical(part, id).ref;
  }

  private physical(part: string, id: string): Physical {
    const resource = this.templates.get(part)!.Resources[id];
    if (!resource) throw new Error(`${part} has no ${id}`);
    const { Type, Properties = {} } = resource;
    // Its reference is the secret's, which it completes.
    if (Type === 'AWS::SecretsManager::SecretTargetAttachment') {
      return { ref: this.resolve(part, Properties['SecretId']) as string };
    }
    const make = PHYSICAL[Type];
    if (!make) throw new Error(`What ${Type} (${id}) is called is not in test/aws/physical.ts: add it`);
    const place: Place = { region: this.region, stack: `${SITE_NAME}-${part}` };
    return make(id, place, Properties);
  }

  private attribute(part: string, id: string, name: string): string {
    const value = this.physical(part, id).attributes?.[name];
    if (value === undefined)
      throw new Error(`The attribute ${name} of ${id} is not in test/aws/physical.ts: add it`);
    return value;
  }

  private resolve(part: string, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((one) => this.resolve(part, one));
    if (typeof value !== 'object' || value === null) return value;
    const [[key, given] = []] = Object.entries(value) as [string, unknown][];
    if (key === undefined || (key !== 'Ref' && !key.startsWith('Fn::'))) {
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.resolve(part, one)]));
    }
    return this.intrinsic(part, key, given);
  }

  private intrinsic(part: string, name: string, given: unknown): unknown {
    const list = (one: unknown) => this.resolve(part, one) as unknown[];
    switch (name) {
      case 'Ref':
        return this.pseudo(part, given as string) ?? this.tryRef(part, given as string);
      case 'Fn::GetAtt': {
        const [id, attribute] = (Array.isArray(given) ? given : (given as string).split('.')) as [
          string,
          string,
        ];
        return this.tried(() => this.attribute(part, id, attribute));
      }
      case 'Fn::Join': {
        const [between, parts] = given as [string, unknown];
        const values = this.resolve(part, parts);
        // A list that an attribute would give, and that is not known here.
        return Array.isArray(values) ? values.join(between) : values;
      }
      case 'Fn::Select': {
        const [index, from] = given as [number, unknown];
        return list(from)[Number(index)];
      }
      case 'Fn::Split': {
        const [at, text] = given as [string, unknown];
        return String(this.resolve(part, text)).split(at);
      }
      case 'Fn::Sub':
        return (given as string).replaceAll(/\$\{([^}]+)\}/g, (_, id: string) =>
          String(this.resolve(part, { Ref: id })),
        );
      case 'Fn::Base64':
        return this.resolve(part, given);
      case 'Fn::GetStackOutput': {
        const { StackName, OutputName } = given as { StackName: string; OutputName: string };
        const other = StackName.replace(`${SITE_NAME}-`, '');
        return this.resolve(other, this.templates.get(other)!.Outputs![OutputName]!.Value);
      }
      default:
        return `<${name}>`;
    }
  }

  private pseudo(part: string, name: string): string | undefined {
    const pseudo: Readonly<Record<string, string>> = {
      'AWS::AccountId': ACCOUNT,
      'AWS::Partition': PARTITION,
      'AWS::Region': this.region,
      'AWS::StackId': this.stackId(part),
      'AWS::StackName': `${SITE_NAME}-${part}`,
      'AWS::URLSuffix': 'amazonaws.com',
    };
    return pseudo[name];
  }

  private tryRef(part: string, id: string): string {
    return this.tried(() => this.ref(part, id));
  }

  /** Much of a template concerns no call: what is not known shows itself where it is used. */
  private tried(find: () => string): string {
    try {
      return find();
    } catch (error) {
      return `<unknown: ${(error as Error).message}>`;
    }
  }
}
