/** Storage: at creation, and as a change. */
import { NEW } from '../world';
import { PRIMARY } from './prepared';
import { ACCEPTED, COMBINATION, rows, STATE, VALUE, type Row } from './row';

const API = 'API, CreateDBInstance, AllocatedStorage';
const create = rows('CreateDBInstance', 'an empty account', NEW, API);
const NOW = { DBInstanceIdentifier: PRIMARY, ApplyImmediately: true };
const modify = rows(
  'ModifyDBInstance',
  'a primary of 100 GiB',
  NOW,
  'API, ModifyDBInstance, AllocatedStorage',
);
const growth = { says: /at least 10 percent/, source: 'moj#15253, #24422, #24410' };
const beyond = { says: /must be greater than storage size/, source: 'moj#7471, #7483' };
const tuning = {
  says: /can't specify IOPS or storage throughput/,
  source: 'crossplane-contrib/provider-aws#1630; cloudtools/troposphere#2153',
};
const optimizing = {
  says: /previous storage change is being optimized/,
  source: 'tf#12493; re:Post "rds-autoscaling-low-free-storage"; guide, "Working with storage": six hours',
};

export const STORAGE: readonly Row[] = [
  create('no size', { AllocatedStorage: undefined }, VALUE),
  create('19 GiB', { AllocatedStorage: 19 }, VALUE),
  create('65,537 GiB', { AllocatedStorage: 65_537 }, VALUE),
  create('storage type `fast`', { StorageType: 'fast' }, VALUE),
  create('io1 of 99 GiB', { StorageType: 'io1', AllocatedStorage: 99, Iops: 1_000 }, VALUE),
  create('magnetic storage of 3,073 GiB', { StorageType: 'standard', AllocatedStorage: 3_073 }, VALUE),
  ...['io1', 'io2'].map((StorageType) =>
    create(`${StorageType} without Iops`, { StorageType, AllocatedStorage: 100 }, COMBINATION, {
      says: /requires iops to be specified/,
      source: 'API, StorageType; terraform-community-modules/tf_aws_rds#22, #27',
    }),
  ),
  create('io1 with Iops', { StorageType: 'io1', AllocatedStorage: 100, Iops: 1_000 }, ACCEPTED),
  create('io1 with 999 Iops', { StorageType: 'io1', AllocatedStorage: 100, Iops: 999 }, VALUE),
  create(
    'io1 with more than 50 Iops a GiB',
    { StorageType: 'io1', AllocatedStorage: 100, Iops: 5_100 },
    COMBINATION,
    {
      source: 'API, CreateDBInstance, Iops: between .5 and 50',
    },
  ),
  create(
    'io1 with less than half an Iops a GiB',
    { StorageType: 'io1', AllocatedStorage: 4_000, Iops: 1_900 },
    COMBINATION,
    {
      source: 'API, CreateDBInstance, Iops: between .5 and 50',
    },
  ),
  create('Iops alone, which mean io1, of 20 GiB', { Iops: 3_000 }, VALUE, {
    source: 'API, StorageType: "Default: io1, if the Iops parameter is specified"',
  }),
  create(
    'gp3 of 399 GiB with Iops',
    { StorageType: 'gp3', AllocatedStorage: 399, Iops: 12_000 },
    COMBINATION,
    tuning,
  ),
  create(
    'gp3 of 20 GiB with a throughput',
    { StorageType: 'gp3', StorageThroughput: 500 },
    COMBINATION,
    tuning,
  ),
  create(
    'gp3 of 400 GiB with both',
    { StorageType: 'gp3', AllocatedStorage: 400, Iops: 12_000, StorageThroughput: 500 },
    ACCEPTED,
  ),
  create(
    'gp3 of 400 GiB with fewer Iops than it has',
    { StorageType: 'gp3', AllocatedStorage: 400, Iops: 3_000 },
    VALUE,
    {
      source: 'guide, "gp3 storage": 12,000 to 64,000 from 400 GiB on, for PostgreSQL',
    },
  ),
  create(
    'gp3 of 400 GiB with less throughput than it has',
    { StorageType: 'gp3', AllocatedStorage: 400, StorageThroughput: 125 },
    VALUE,
    { source: 'guide, "gp3 storage": 500 to 4,000 MiB/s from 400 GiB on, for PostgreSQL' },
  ),
  create('gp2 with Iops', { StorageType: 'gp2', Iops: 1_000 }, COMBINATION),
  create(
    'io1 with a throughput',
    { StorageType: 'io1', AllocatedStorage: 100, Iops: 1_000, StorageThroughput: 500 },
    COMBINATION,
    {
      source: 'API, StorageThroughput: "applies only to the gp3 storage type"',
    },
  ),
  create('a maximum below the size', { MaxAllocatedStorage: 19 }, COMBINATION, beyond),
  create('a maximum that is the size', { MaxAllocatedStorage: 20 }, COMBINATION, beyond),
  create('a maximum of 109 %', { AllocatedStorage: 100, MaxAllocatedStorage: 109 }, COMBINATION, growth),
  create('a maximum of 110 %', { AllocatedStorage: 100, MaxAllocatedStorage: 110 }, ACCEPTED),

  modify('less than there is', { AllocatedStorage: 99 }, COMBINATION, { says: /cannot be less than/ }),
  modify('as much as there is', { AllocatedStorage: 100 }, ACCEPTED, { shows: 'available' }),
  modify('more, which is rounded up to a tenth more', { AllocatedStorage: 101 }, ACCEPTED, {
    shows: 'modifying',
  }),
  modify('a maximum below the size', { MaxAllocatedStorage: 99 }, COMBINATION, beyond),
  modify('a maximum of 109 %', { MaxAllocatedStorage: 109 }, COMBINATION, growth),
  modify(
    'a maximum of 109 % of the new size',
    { AllocatedStorage: 200, MaxAllocatedStorage: 218 },
    COMBINATION,
    growth,
  ),
  modify('a maximum that is the size, which turns autoscaling off', { MaxAllocatedStorage: 100 }, ACCEPTED, {
    source: 'guide, "Turning off storage autoscaling"; moto, test_rds.py',
  }),
  modify('a maximum above what RDS can allocate', { MaxAllocatedStorage: 65_537 }, VALUE, {
    source: 'guide, "Managing capacity automatically with Amazon RDS storage autoscaling"',
  }),
  modify('a type that is none', { StorageType: 'fast' }, VALUE),
  modify('io1 without Iops', { StorageType: 'io1' }, COMBINATION),
  modify('another type', { StorageType: 'gp2' }, ACCEPTED, { shows: 'modifying' }),
  modify('Iops of gp3 below 400 GiB', { Iops: 12_000 }, COMBINATION, tuning),
  ...[{ AllocatedStorage: 600 }, { Iops: 13_200 }].map((change) =>
    rows('ModifyDBInstance', 'a primary of 500 GiB with IOPS of its own', NOW, 'tf#12493')(
      `${Object.keys(change)[0]} alone`,
      change,
      COMBINATION,
      { says: /both the storage size and iops/ },
    ),
  ),
  rows('ModifyDBInstance', 'a primary of 500 GiB with IOPS of its own', NOW, 'tf#12493')(
    'both size and Iops',
    { AllocatedStorage: 600, Iops: 13_200 },
    ACCEPTED,
    { shows: 'modifying' },
  ),
  ...(['storage-optimization', 'optimized, five hours after the change'] as const).flatMap((given) => [
    rows('ModifyDBInstance', given, NOW, '')(
      'a second change of the size',
      { AllocatedStorage: 80 },
      COMBINATION,
      optimizing,
    ),
    rows('ModifyDBInstance', given, NOW, '')(
      'a change of the type',
      { StorageType: 'gp2' },
      COMBINATION,
      optimizing,
    ),
  ]),
  rows('ModifyDBInstance', 'optimized, seven hours after the change', NOW, optimizing.source)(
    'a second change of the size',
    { AllocatedStorage: 80 },
    ACCEPTED,
    { shows: 'modifying' },
  ),
  rows('ModifyDBInstance', 'storage-full', NOW, 'aws-cloudformation/cloudformation-coverage-roadmap#550')(
    'more storage',
    { AllocatedStorage: 40 },
    ACCEPTED,
    { shows: 'modifying' },
  ),
  ...[
    { MultiAZ: true },
    { VpcSecurityGroupIds: ['sg-2'] },
    { DeletionProtection: true },
    { MaxAllocatedStorage: 100 },
  ].map((change) =>
    rows(
      'ModifyDBInstance',
      'storage-full',
      NOW,
      'aws-cloudformation/cloudformation-coverage-roadmap#550',
    )(`more storage and ${Object.keys(change)[0]}`, { AllocatedStorage: 40, ...change }, STATE),
  ),
];
