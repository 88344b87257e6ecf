import { Dashboard, GraphWidget, type IMetric, type IWidget, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { Settings } from '../settings';
import type { DatabaseMetrics, Watched } from './metrics';

/** Half of a dashboard's 24 columns. */
const WIDTH = 12;

/** One page for the path of a request: load balancer, servers, databases; and for who keeps the databases going. */
export function dashboard(scope: Construct, { name }: Settings, watched: Watched): void {
  const { fleet, loadBalancer, databases, failover } = watched;
  const board = new Dashboard(scope, 'Dashboard', { dashboardName: name });

  if (loadBalancer) {
    board.addWidgets(
      graph('Requests a minute', [loadBalancer.requests]),
      graph('Errors, %', [loadBalancer.errorsInPercent]),
    );
    board.addWidgets(
      graph('Slowest twentieth, s', [loadBalancer.p95ResponseTimeInSeconds]),
      graph('Servers', [loadBalancer.healthyServers, loadBalancer.unhealthyServers]),
    );
  }
  board.addWidgets(
    graph('Servers in service', [fleet.servers]),
    graph('Processor of the servers, %', [fleet.cpuInPercent]),
  );
  if (databases.length > 0) {
    // The label stands here and not on the metric, as a labelled metric makes an alarm one of metric math.
    const each = (metric: (database: DatabaseMetrics) => Metric | undefined) =>
      databases.flatMap((database) => metric(database)?.with({ label: database.identifier }) ?? []);
    board.addWidgets(
      graph(
        'Processor of the databases, %',
        each((database) => database.cpuInPercent),
      ),
      graph(
        'Lag of the replicas, s',
        each((database) => database.lagInSeconds),
      ),
    );
    board.addWidgets(
      graph(
        'Connections',
        each((database) => database.connections),
      ),
      graph(
        'Free storage, bytes',
        each((database) => database.freeStorageInBytes),
      ),
    );
  }
  if (failover) {
    board.addWidgets(
      graph('Replicas that serve reads', [failover.fitReplicas]),
      graph('Lag of the one furthest behind, ms', [failover.maximumLagInMillis]),
    );
    board.addWidgets(
      graph('Failovers: time to each step, ms', [
        failover.detectInMillis,
        failover.fenceInMillis,
        failover.promoteInMillis,
        failover.writeInMillis,
      ]),
      graph('Old primaries in quarantine', [failover.retiredPrimaries]),
    );
  }
}

const graph = (title: string, left: IMetric[]): IWidget =>
  new GraphWidget({ title, left, width: WIDTH, leftYAxis: { min: 0 } });
