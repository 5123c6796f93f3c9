import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

@Injectable()
export class Metrics {
  readonly registry = new Registry();
  private readonly durations = new Histogram({
    name: 'livemall_http_request_duration_seconds',
    help: 'Time to answer, by wire',
    labelNames: ['wire', 'method'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [this.registry],
  });
  private readonly responses = new Counter({
    name: 'livemall_http_responses_total',
    help: 'Answers by wire and status',
    labelNames: ['wire', 'status'],
    registers: [this.registry],
  });

  /** Children of the two metrics above: looking one up by its labels costs more than counting. */
  private readonly observers = new Map<string, (seconds: number) => void>();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  observe(wire: string, method: string, status: number, milliseconds: number): void {
    const key = `${wire} ${method} ${status}`;
    let observer = this.observers.get(key);
    if (!observer) {
      observer = this.observer(wire, method, status);
      this.observers.set(key, observer);
    }
    observer(milliseconds / 1000);
  }

  private observer(wire: string, method: string, status: number): (seconds: number) => void {
    const duration = this.durations.labels({ wire, method });
    const responses = this.responses.labels({ wire, status: String(status) });
    return (seconds) => {
      duration.observe(seconds);
      responses.inc();
    };
  }

  /** A number that is read when metrics are asked for, such as the ledger's drift. */
  gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({ name, help, registers: [this.registry], collect: () => gauge.set(read()) });
  }
}
