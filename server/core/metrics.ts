import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The only importer of prom-client. One registry a process; the primary adds them up for /metrics. */
export const registry = new Registry();

export function collectProcessMetrics(): void {
  collectDefaultMetrics({ register: registry, prefix: 'cavea_' });
}

export function counter(name: string, help: string, labels: readonly string[] = []): Counter {
  return new Counter({ name: `cavea_${name}`, help, labelNames: [...labels], registers: [registry] });
}

export function gauge(name: string, help: string, labels: readonly string[] = []): Gauge {
  return new Gauge({ name: `cavea_${name}`, help, labelNames: [...labels], registers: [registry] });
}

/** Buckets in seconds, as Prometheus wants them. */
export function histogram(
  name: string,
  help: string,
  buckets: readonly number[],
  labels: readonly string[] = [],
): Histogram {
  return new Histogram({
    name: `cavea_${name}`,
    help,
    buckets: [...buckets],
    labelNames: [...labels],
    registers: [registry],
  });
}

/** What one process sends to the primary. */
export function processMetrics(): Promise<object[]> {
  return registry.getMetricsAsJSON();
}

/** One text page from the figures of all processes. */
export function aggregateMetrics(all: readonly (readonly object[])[]): Promise<string> {
  return AggregatorRegistry.aggregate(all.map((metrics) => [...metrics])).metrics();
}
