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

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  observe(wire: string, method: string, status: number, milliseconds: number): void {
    this.durations.observe({ wire, method }, milliseconds / 1000);
    this.responses.inc({ wire, status: String(status) });
  }

  /** A number that is read when metrics are asked for, such as the ledger's drift. */
  gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({ name, help, registers: [this.registry], collect: () => gauge.set(read()) });
  }
}
