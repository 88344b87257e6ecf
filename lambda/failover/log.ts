/** JSON lines for CloudWatch Logs, and metrics among them. */
import { createLog } from '../../app/log';
import { METRIC_DIMENSION, METRIC_NAMESPACE } from './metrics';
import type { Log } from './ports';

type Line = Record<string, unknown>;

/**
 * @param group value of the metrics' one dimension
 * @param write takes one line with its line end
 * @param now milliseconds since 1970
 */
export function failoverLog(
  group: string,
  write: (line: string) => void = (line) => process.stdout.write(line),
  now: () => number = Date.now,
): Log {
  const log = createLog('info', write, () => new Date(now()));
  return {
    info: (message, fields) => log.info(message, fields as Line),
    warn: (message, fields) => log.warn(message, fields as Line),
    error: (message, fields) => log.error(message, fields as Line),
    metric(values) {
      const entries = Object.entries(values);
      if (entries.length === 0) return;
      // Embedded metric format (CloudWatch user guide, "Specification: Embedded metric format").
      const line = {
        _aws: {
          Timestamp: now(),
          CloudWatchMetrics: [
            {
              Namespace: METRIC_NAMESPACE,
              Dimensions: [[METRIC_DIMENSION]],
              Metrics: entries.map(([Name, { unit }]) => ({ Name, Unit: unit })),
            },
          ],
        },
        [METRIC_DIMENSION]: group,
        ...Object.fromEntries(entries.map(([name, { value }]) => [name, value])),
      };
      write(`${JSON.stringify(line)}\n`);
    },
  };
}
