import type { Clock } from '../../src/common/clock.js';
import { loadOrCreateSimulatorKeys, type SimulatorKeys } from '../../src/simulator/keys.js';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.js';
import { runFolder } from './run.js';

/** The keys of every simulator of this run: three RSA pairs take longer to make than a server to start. */
export function testSimulatorKeys(): Promise<SimulatorKeys> {
  return loadOrCreateSimulatorKeys(runFolder());
}

/** A WeChat on a free port; `clock` is the one that it follows. */
export async function startTestSimulator({
  clock,
  ...options
}: Partial<SimulatorOptions> & { clock?: Clock } = {}): Promise<Simulator> {
  const simulator = await startSimulator({ port: 0, keys: await testSimulatorKeys(), ...options });
  if (clock) simulator.control.followClock(() => clock.now());
  return simulator;
}
