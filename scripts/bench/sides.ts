import type { ChildProcess } from 'node:child_process';
import type { Job } from './load/driver.js';
import type { Round } from './load/rounds.js';
import type { LoadName } from './load/loads.js';
import { messageOf, residentOf, startHelper, stop } from './processes.js';
import type { Databases, Server } from './servers.js';

/** One of the two that are compared. */
export interface Side {
  round(seconds: number): Promise<Round>;
  /** Megabytes; null where the system does not tell. */
  resident(): number | null;
  stop(): Promise<void>;
}

/** The load generator, a process of its own. */
export class Driver {
  private constructor(private readonly child: ChildProcess) {}

  static async start(): Promise<Driver> {
    const child = startHelper('./load/driver.js');
    await messageOf(child);
    return new Driver(child);
  }

  async run(job: Job): Promise<Round> {
    this.child.send(job);
    return messageOf<Round>(this.child);
  }

  stop(): Promise<void> {
    return stop(this.child);
  }
}

interface Driven {
  readonly load: LoadName;
  readonly connections: number;
  readonly databases: Databases;
  readonly databasePid: number | null;
}

/** A server and what it is asked for. */
export class ServerSide implements Side {
  constructor(
    private readonly driver: Driver,
    readonly server: Server,
    private readonly driven: Driven,
  ) {}

  round(seconds: number): Promise<Round> {
    const { databases, ...job } = this.driven;
    const target = { port: this.server.port, databases };
    return this.driver.run({ ...job, target, seconds, serverPid: this.server.pid });
  }

  resident(): number | null {
    return residentOf(this.server.pid);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}
