/**
 * Every case of moto's tests that does not pass here, and why: in none of them is moto right about RDS. moto is an emulator,
 * too: where its tests and AWS's own words differ, the words count.
 */

export interface Explained {
  /** Cases, with a part of the line of the test, or of the error, by which they fail. */
  readonly cases: Readonly<Record<string, string>>;
  readonly why: string;
  readonly source: string;
}

const STOPPED = '["DBInstanceStatus"] == "stopped"';

export const EXPLAINED: readonly Explained[] = [
  {
    cases: {
      test_stop_database: STOPPED,
      test_start_database: STOPPED,
      test_stop_multi_az_postgres: STOPPED,
      test_add_role_to_db_instance_in_invalid_state_throws_InvalidDBInstanceStateFault: STOPPED,
    },
    why: 'The answer to StopDBInstance says `stopping`: it takes a while.',
    source:
      'guide, "Stopping an Amazon RDS DB instance temporarily", and "Viewing Amazon RDS DB instance status"',
  },
  {
    cases: { test_create_database_with_default_port: "KeyError: 'Endpoint'" },
    why: 'An instance that is being created has no endpoint yet.',
    source: 'API, DBInstance, Endpoint: "might not be shown for instances with the status of creating"',
  },
  {
    cases: { test_describe_db_snapshots: 'assert snapshot == created' },
    why: 'A snapshot that is asked for is `creating`, and has no time of creation before it is `available`.',
    source: 'guide, "Creating a DB snapshot"; API, DBSnapshot, Status',
  },
  {
    cases: { test_db_instance_identifier_is_case_insensitive: '"DBInstanceIdentifier"] == "xxyy"' },
    why: 'A new name waits for the maintenance window, unless ApplyImmediately is set.',
    source: 'API, ModifyDBInstance, NewDBInstanceIdentifier',
  },
  {
    cases: { test_get_databases: '"DbInstancePort"] == 1234' },
    why: 'DbInstancePort is 0 for an instance that is in no cluster; its port is Endpoint.Port.',
    source: 'answers of DescribeDBInstances in the AWS CLI reference, "DbInstancePort": 0',
  },
  {
    cases: { test_ca_certificate_identifier: '== "rds-ca-default"' },
    why: '`rds-ca-default` is no certificate authority of RDS.',
    source:
      'guide, "Using SSL/TLS to encrypt a connection", "Certificate authorities": rds-ca-rsa2048-g1 is the default',
  },
  {
    cases: { test_create_database_no_allocated_storage: '"StorageType"] == "gp2"' },
    why: 'The default is gp3 by now. The fixed maintenance window that moto then asks for is any half hour of a block of eight hours.',
    source:
      'API, CreateDBInstance, StorageType; PreferredMaintenanceWindow: "a 30-minute window selected at random"',
  },
  {
    cases: { test_get_databases_paginated: 'DB Instance quota exceeded' },
    why: 'moto makes 51 instances; an account has 40 until it asks for more.',
    source: 'guide, "Quotas and constraints for Amazon RDS"',
  },
  {
    cases: { test_describe_events: '"Message"] == "DB instance created"' },
    why: 'Words: the message ends with a full stop.',
    source: 'guide, "Amazon RDS event categories and event messages", RDS-EVENT-0005',
  },
  {
    cases: { test_create_database: "log types 'audit'" },
    why: 'PostgreSQL exports the logs `postgresql`, `upgrade` and `iam-db-auth-error`; `audit` and `error` are MySQL’s.',
    source: 'API, CreateDBInstance, EnableCloudwatchLogsExports',
  },
  {
    cases: { 'test_modify_db_instance[1]': "KeyError: 'EnabledCloudwatchLogsExports'" },
    why: 'moto answers an empty list where no logs are exported, the trial none. No evidence decides; to clients of the SDK for JavaScript it is nearly the same.',
    source: 'none',
  },
  {
    cases: {
      'test_modify_db_instance_rotate_master_user_password[0]': 'ManageMasterUserPassword is not supported',
      'test_modify_db_instance_rotate_master_user_password[1]': 'ManageMasterUserPassword is not supported',
    },
    why: 'Not in the trial: it does not work with read replicas, which every site may have.',
    source: 'terraform-aws-modules/terraform-aws-rds#532',
  },
  {
    cases: { test_modify_db_instance_with_parameter_group: '["ParameterApplyStatus"] == "in-sync"' },
    why: 'Another group waits for a reboot.',
    source: 'API, ModifyDBInstance, DBParameterGroupName',
  },
  {
    cases: {
      'test_copy_db_parameter_group[0]': 'Could not find parameter with name: foo',
      'test_copy_db_parameter_group[1]': 'Could not find parameter with name: foo',
      test_modify_db_parameter_group: 'Could not find parameter with name: foo',
    },
    why: 'A parameter that RDS does not know is refused.',
    source: 'hashicorp/terraform-provider-aws#522',
  },
  {
    cases: {
      test_describe_non_existent_db_parameter_group: 'DBParameterGroup not found: test',
      test_delete_db_parameter_group: 'DBParameterGroup not found: test',
    },
    why: 'A group that there is not is an error, no empty list.',
    source: 'API, DescribeDBParameterGroups, errors: DBParameterGroupNotFound',
  },
  {
    cases: {
      test_list_tags_db: 'DBInstance foo not found',
      test_list_tags_snapshot: 'DBSnapshot foo not found',
    },
    why: 'What there is not has no empty list of tags.',
    source: 'API, ListTagsForResource, errors: DBInstanceNotFound, DBSnapshotNotFound',
  },
  {
    cases: {
      'test_restore_db_instance_to_point_in_time[1]': 'Either RestoreTime or UseLatestRestorableTime',
    },
    why: 'A time must be said, or that it is the latest.',
    source: 'API, RestoreDBInstanceToPointInTime, RestoreTime and UseLatestRestorableTime',
  },
  {
    cases: {
      test_restore_db_instance_to_point_in_time_with_allocated_storage: 'it can be restored to times between',
    },
    why: 'Nothing can be restored to ten minutes before it was made.',
    source: 'API, RestoreDBInstanceToPointInTime, RestoreTime: "Must be before the latest restorable time"',
  },
  {
    cases: {
      'TestDBInstanceFilters.test_db_cluster_id_filter': "KeyError: 'DBClusterIdentifier'",
      'TestDBInstanceFilters.test_multiple_filters': 'assert len(returned_identifiers) == 2',
      'TestDBInstanceFilters.test_valid_db_instance_identifier_with_exclusive_filter':
        'not in returned_identifiers',
      'TestDBInstanceFilters.test_valid_db_instance_identifier_with_non_matching_filter': 'was not raised',
      'TestDBSnapshotFilters.test_valid_snapshot_id_with_non_matching_filter': 'was not raised',
    },
    why: 'Nobody is wrong: moto filters by engines and clusters, and here all are PostgreSQL and in none. test/trial/rds/filters.test.ts has the same with an engine that fits nothing.',
    source: 'run.py, ADAPTED',
  },
];
