import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CASES, isNamed } from './cases.js';
import { LEDGER_CASES, runLedgerCase } from './ledger/ledger-case.js';
import { START_CASE, measureStart } from './start.js';
import { lineOf, markdownOf, writeReport } from './print.js';
import { isMet, verdictOf, type Measure, type Report, type Result } from './result.js';
import { runCase, type Setting } from './run-case.js';
import { describeMachine } from './machine.js';
import { FULL, SMALL } from './world.js';

const USAGE = `npm run bench [-- <case> ...] [options]

Livemall beside a floor in the same run: hand-written node:http, prepared statements, nothing else.
A word names a case, or all that begin with it: detail, search, orders, sqlite, sqlite-order.

  --rounds <n>         rounds of each side (5)
  --seconds <n>        length of a round (3)
  --fresh              seed the databases anew
  --small              a small mall: for a quick look, its figures are not the goals'
  --against <folder>   another built checkout of livemall as the floor
  --json <file>        write the results
  --report <file>      run nothing; write these results into docs/performance.md
  --list               name the cases

BENCH_MYSQL_URL names a MySQL or MariaDB server on which databases may be made (mysql://root@127.0.0.1:3306).`;

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    fresh: { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
    against: { type: 'string' },
    json: { type: 'string' },
    report: { type: 'string' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const NAMES = [...CASES, ...LEDGER_CASES].map(({ name }) => name).concat(START_CASE);

/** Whether every least was met. */
async function main(): Promise<boolean> {
  if (options.report) {
    writeReport(JSON.parse(readFileSync(options.report, 'utf8')) as Report);
    return true;
  }
  if (options.help || options.list) {
    console.log(options.help ? USAGE : NAMES.join('\n'));
    return true;
  }
  const unknown = words.filter((word) => !NAMES.some((name) => isNamed(name, word)));
  if (unknown.length > 0) throw new Error(`no case is called ${unknown.join(', ')}\n\n${USAGE}`);
  const report = await measure((name) => words.length === 0 || words.some((word) => isNamed(name, word)));
  console.log(`\n${markdownOf(report)}`);
  if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  const bad = report.results.map(verdictOf).filter((verdict) => verdict === 'missed' || verdict === 'failed');
  return bad.length === 0 && report.measures.every(isMet);
}

async function measure(wanted: (name: string) => boolean): Promise<Report> {
  const pace = { rounds: Number(options.rounds), seconds: Number(options.seconds), warmUps: 12 };
  const against = options.against ?? null;
  const setting: Setting = { world: options.small ? SMALL : FULL, pace, fresh: options.fresh, against };
  const results: Result[] = [];
  const keep = (result: Result): void => {
    console.log(lineOf(result));
    results.push(result);
  };
  for (const one of CASES.filter(({ name }) => wanted(name))) keep(await runCase(one, setting));
  if (against === null) {
    for (const one of LEDGER_CASES.filter(({ name }) => wanted(name))) keep(await runLedgerCase(one, pace));
  }
  const measures: Measure[] = wanted(START_CASE) ? await measureStart() : [];
  return { ...(await describeMachine(pace)), against, results, measures };
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
