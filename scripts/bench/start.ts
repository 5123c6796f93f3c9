import { execFileSync } from 'node:child_process';
import { median, type Measure } from './result.js';
import { scratch, startLivemall } from './servers.js';

export const START_CASE = 'start';
const STARTS = 5;
/** Seconds. */
const MOST_TO_FIRST_ANSWER = 1;
const MOST_FOR_BUILD = 1;

const seconds = (milliseconds: number): number => Math.round(milliseconds) / 1000;

/** On SQLite, tables made: from the start of the process to the first answer, and what npm start does before that. */
export async function measureStart(): Promise<Measure[]> {
  const url = `sqlite:${scratch}/start.sqlite`;
  await (await startLivemall('.', url)).stop();
  const starts: number[] = [];
  for (let index = 0; index < STARTS; index += 1) {
    const server = await startLivemall('.', url);
    starts.push(server.startedIn);
    await server.stop();
  }
  const builds = starts.map(() => {
    const began = performance.now();
    execFileSync('npm', ['run', '-s', 'build']);
    return performance.now() - began;
  });
  return [
    {
      name: START_CASE,
      title: 'of the built server, to its first answer',
      value: seconds(median(starts)),
      unit: 's',
      most: MOST_TO_FIRST_ANSWER,
    },
    {
      name: 'npm start',
      title: 'without changes since the last build, to the first answer',
      value: seconds(median(starts) + median(builds)),
      unit: 's',
      most: MOST_TO_FIRST_ANSWER + MOST_FOR_BUILD,
    },
  ];
}
