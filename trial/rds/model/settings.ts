/** What RDS accepts of settings that the model only repeats. Sources: API reference, per parameter, or beside the rule. */
import {
  certificateNotFound,
  invalidParameterCombination,
  invalidParameterValue,
  networkTypeNotSupported,
} from './errors';
import type { Attributes } from './state';

/** API, MonitoringInterval. */
const INTERVALS = [0, 1, 5, 10, 15, 30, 60];
/** Guide, "Turning on the advanced mode of Database Insights": 15 months of Performance Insights. */
const ADVANCED_DAYS = 465;
const MONTH_DAYS = 31;
/** Guide, "Publishing PostgreSQL logs to Amazon CloudWatch Logs". */
const LOGS = ['postgresql', 'upgrade', 'iam-db-auth-error'];
/** Guide, "Certificate authorities". */
const AUTHORITIES = ['rds-ca-rsa2048-g1', 'rds-ca-rsa4096-g1', 'rds-ca-ecc384-g1'];

/**
 * @param asked what a request names
 * @param now what holds already, or the defaults of a new instance
 * @throws RdsError InvalidParameterValue, InvalidParameterCombination, CertificateNotFound, NetworkTypeNotSupported
 */
export function checkSettings(asked: Attributes, now: Attributes): void {
  const all = { ...now, ...asked };
  monitoring(asked, all);
  insights(asked, all);
  for (const log of asked.EnabledCloudwatchLogsExports ?? []) checkLog(log);
  const { CACertificateIdentifier: authority, NetworkType: network } = asked;
  if (authority && !AUTHORITIES.includes(authority)) throw certificateNotFound(authority);
  if (network && network !== 'IPV4' && network !== 'DUAL') {
    throw networkTypeNotSupported(`Invalid network type: ${network}`);
  }
}

export function checkLog(type: string): void {
  if (LOGS.includes(type)) return;
  throw invalidParameterCombination(
    `You cannot use the log types '${type}' with engine version postgres 17.`,
  );
}

/** cloudposse/terraform-aws-rds#75, terraform-aws-modules/terraform-aws-rds#136 */
function monitoring(
  asked: Attributes,
  { MonitoringInterval: interval = 0, MonitoringRoleArn: role }: Attributes,
) {
  if (!INTERVALS.includes(interval)) {
    throw invalidParameterValue(
      `Invalid monitoring interval: ${interval}. Valid values: ${INTERVALS.join(', ')}.`,
    );
  }
  if (interval > 0 && !role) {
    throw invalidParameterCombination(
      'A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.',
    );
  }
  if (asked.MonitoringRoleArn && interval === 0) {
    throw invalidParameterCombination(
      'You must specify a MonitoringInterval value other than 0 when you specify a MonitoringRoleARN value.',
    );
  }
  if (asked.MonitoringRoleArn && !/^arn:aws[\w-]*:iam::\d{12}:role\/.+$/.test(asked.MonitoringRoleArn)) {
    throw invalidParameterValue(
      `The parameter MonitoringRoleARN ${asked.MonitoringRoleArn} is not a valid ARN.`,
    );
  }
}

/** pulumi/pulumi-aws#5286; the key: terraform-provider-aws#3015 */
function insights(asked: Attributes, all: Attributes): void {
  const { PerformanceInsightsRetentionPeriod: days, DatabaseInsightsMode: mode } = asked;
  if (
    days !== undefined &&
    days !== 7 &&
    days !== 731 &&
    !(days % MONTH_DAYS === 0 && days >= 31 && days <= 713)
  ) {
    throw invalidParameterValue(`Invalid Performance Insights retention period: ${days}.`);
  }
  if (asked.PerformanceInsightsKMSKeyId && !asked.PerformanceInsightsEnabled) {
    throw invalidParameterCombination(
      'Can not set PerformanceInsightsKMSKeyId without EnablePerformanceInsights',
    );
  }
  if (mode !== undefined && mode !== 'standard' && mode !== 'advanced') {
    throw invalidParameterValue(`Invalid database insights mode: ${mode}.`);
  }
  if (all.DatabaseInsightsMode !== 'advanced') return;
  if (!all.PerformanceInsightsEnabled || (all.PerformanceInsightsRetentionPeriod ?? 7) < ADVANCED_DAYS) {
    throw invalidParameterCombination(
      `To enable the Advanced mode of Database Insights, enable Performance Insights and set its retention period to at least ${ADVANCED_DAYS} days.`,
    );
  }
}
