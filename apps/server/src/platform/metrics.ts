/** Counters, gauges and histograms, made where they are first used and shown at /metrics. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export interface Metrics {
  /** The counter of that name; `jigeum_` is put before it. Labels hold states and codes, never a person. */
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  gauge(name: string, help: string, labels?: readonly string[]): Gauge;
  /** Buckets in seconds. */
  histogram(name: string, help: string, labels?: readonly string[], buckets?: number[]): Histogram;
  /** The text form that Prometheus reads, and its content type. */
  text(): Promise<{ contentType: string; body: string }>;
}

/** A registry of its own: tests and replicas in one process do not meet. */
export function createMetrics(options: { ofProcess: boolean } = { ofProcess: false }): Metrics {
  const registry = new Registry();
  if (options.ofProcess) collectDefaultMetrics({ register: registry, prefix: 'jigeum_' });
  const once = <M>(name: string, make: (fullName: string) => M): M =>
    (registry.getSingleMetric(`jigeum_${name}`) as M | undefined) ?? make(`jigeum_${name}`);
  return {
    counter: (name, help, labels = []) =>
      once(name, (fullName) => new Counter({ name: fullName, help, labelNames: [...labels], registers: [registry] })),
    gauge: (name, help, labels = []) =>
      once(name, (fullName) => new Gauge({ name: fullName, help, labelNames: [...labels], registers: [registry] })),
    histogram: (name, help, labels = [], buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]) =>
      once(
        name,
        (fullName) => new Histogram({ name: fullName, help, labelNames: [...labels], buckets, registers: [registry] }),
      ),
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
