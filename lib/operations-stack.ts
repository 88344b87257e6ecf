import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DataStack } from './data-stack';
import { addAlarms } from './operations/alarms';
import { dashboard } from './operations/dashboard';
import { databaseMetrics, failoverMetrics, fleetMetrics, loadBalancerMetrics } from './operations/metrics';
import { Protection } from './operations/protection';
import { alarmTopic } from './operations/topic';
import type { Settings } from './settings';
import type { WebStack } from './web-stack';

export interface OperationsStackProps extends StackProps {
  readonly settings: Settings;
  readonly data?: DataStack;
  readonly web: WebStack;
}

/**
 * What tells people how the site is: alarms, the topic that carries them, one dashboard. And what ends a deployment: from
 * then on databases and load balancer are protected.
 */
export class OperationsStack extends Stack {
  constructor(scope: Construct, id: string, { settings, data, web, ...props }: OperationsStackProps) {
    super(scope, id, {
      ...props,
      description: `Alarms and dashboard of ${settings.name}`,
      // It is the first to be destroyed: nothing goes while the setting is on.
      terminationProtection: data !== undefined && settings.database.deletionProtection,
    });
    // It names the servers' group, and reads nothing of it.
    this.addStackDependency(web);
    const watched = {
      fleet: fleetMetrics(web.fleet, settings),
      loadBalancer: web.loadBalancer && loadBalancerMetrics(web.loadBalancer),
      databases: data ? databaseMetrics(data.databases, settings) : [],
      failover: data?.failover && failoverMetrics(data.failover, settings),
    };
    addAlarms(this, settings, watched, alarmTopic(this, settings));
    dashboard(this, settings, watched);
    if (data) {
      const others = this.node.children;
      const protection = new Protection(this, 'Protection', {
        settings,
        data,
        loadBalancer: web.loadBalancer,
      });
      protection.node.addDependency(...others);
    }
  }
}
