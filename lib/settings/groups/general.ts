import { z } from 'zod';
import { STAGES } from '../../stage';
import { NAME, NAME_LENGTH, TAG_NAME, TAG_VALUE, whyNotName } from '../forms';
import { REGIONS, whyNotRegion } from '../regions';
import { setting, unless } from '../setting';

export const general = {
  name: setting(z.string().regex(NAME).max(NAME_LENGTH).refine(unless(whyNotName)).default('mysite'), {
    description: 'Name of the site: prefix of every stack and database identifier.',
    allowed: `1 to ${NAME_LENGTH} lower-case letters, digits and single hyphens, beginning with a letter and not ending in a hyphen (RDS takes no others, and "-replica-15" must still fit)`,
    whyNot: whyNotName,
  }),
  stage: setting(z.enum(STAGES).default('replicated'), {
    description: 'How far the site has grown (docs/growing.md).',
    allowed: `one of ${STAGES.join(', ')}`,
    names: STAGES,
  }),
  account: setting(
    z
      .string()
      .regex(/^\d{12}$/)
      .optional(),
    {
      description: 'AWS account to deploy to; giving it keeps a deployment out of the wrong one.',
      allowed: 'the 12 digits of an account, in quotes',
      otherwise: 'the account of the credentials in use',
    },
  ),
  region: setting(z.enum(REGIONS as [string, ...string[]]).default('us-east-1'), {
    description: 'AWS region to deploy to.',
    allowed: 'the name of a region, such as eu-central-1; not GovCloud or China',
    names: REGIONS,
    whyNot: whyNotRegion,
  }),
  tags: setting(
    z
      .record(z.string().regex(TAG_NAME), z.string().regex(TAG_VALUE))
      .refine((tags) => Object.keys(tags).length <= 40)
      .default({}),
    {
      description: 'Tags that every resource gets.',
      allowed:
        'up to 40 names of 1 to 128 and values of up to 256 letters, digits, spaces and _.:/=+-@, none beginning with "aws:" or "rds:"',
    },
  ),
};
