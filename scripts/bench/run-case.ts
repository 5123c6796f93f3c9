import type { Case } from './cases.js';
import { compare, figuresOf, type Pace } from './compare.js';
import { findDatabasePid } from './processes.js';
import type { Result } from './result.js';
import { databasesFor, SERVER } from './seed/databases.js';
import { startFloor, startLivemall, startWechatStub, type Server } from './servers.js';
import { Driver, ServerSide } from './sides.js';
import type { World } from './world.js';

export interface Setting {
  readonly world: World;
  readonly pace: Pace;
  readonly fresh: boolean;
  /** Another built checkout of livemall as the floor; null for the hand-written ones. */
  readonly against: string | null;
}

/** Processes of their own for each case, so that none is measured with what another has left in memory. */
export async function runCase(measured: Case, setting: Setting): Promise<Result> {
  const { world, against } = setting;
  const { database } = measured;
  const databases = await databasesFor('.', database, world, once('.', database, setting));
  const others = against ? await databasesFor(against, database, world, once(against, database, setting)) : databases;
  const servers: { stop(): Promise<void> }[] = [];
  const started = async <S extends { stop(): Promise<void> }>(server: Promise<S>): Promise<S> => {
    servers.push(await server);
    return server;
  };
  try {
    const wechat = measured.wechat ? (await started(startWechatStub())).port : undefined;
    const ours = await started(startLivemall('.', databases.mall, wechat));
    const floorUrl = measured.floor === 'raw' ? databases.raw : databases.mall;
    const floor = await started(
      against ? startLivemall(against, others.mall, wechat) : startFloor(measured.floor, floorUrl, wechat),
    );
    const driver = await started(Driver.start());
    const databasePid = database === 'mysql' ? findDatabasePid(SERVER) : null;
    const driven = { connections: measured.connections, databasePid };
    const side = new ServerSide(driver, ours, { ...driven, load: measured.load, databases });
    const floorLoad = against ? measured.load : measured.floorLoad;
    const otherSide = new ServerSide(driver, floor, { ...driven, load: floorLoad, databases: others });
    const comparison = await compare(side, otherSide, setting.pace);
    const resident = side.resident();
    const roundTrips = await roundTripsOf(ours, measured);
    const { name, title } = measured;
    const bounds = against === null ? measured.bounds : null;
    return { name, title, ...figuresOf(comparison), resident, roundTrips, bounds };
  } finally {
    for (const server of servers.toReversed()) await server.stop();
  }
}

/** What was made anew in this run is not made again. */
const made = new Set<string>();

function once(folder: string, database: Case['database'], { fresh }: Setting): boolean {
  const key = `${folder} ${database}`;
  if (made.has(key)) return false;
  made.add(key);
  return fresh;
}

/** What the route declares of itself in its OpenAPI document; asked for after the load, because making it takes memory. */
async function roundTripsOf({ port }: Server, { route }: Case): Promise<number | null> {
  if (route === null) return null;
  const reply = await fetch(`http://127.0.0.1:${port}/docs/${route.wire}.json`);
  const { paths } = (await reply.json()) as { paths: Record<string, Record<string, Record<string, unknown>>> };
  const declared = paths[route.path]?.[route.method]?.['x-round-trips'];
  return typeof declared === 'number' ? declared : null;
}
