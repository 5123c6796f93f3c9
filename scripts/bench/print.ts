import { readFileSync, writeFileSync } from 'node:fs';
import { isMet, verdictOf, type Measure, type Report, type Result } from './result.js';

const whole = (value: number | null): string => (value === null ? '-' : value.toFixed(0));
const part = (value: number): string => value.toFixed(2);

const HEAD = [
  '| case | req/s | of the floor | spread | p50 ms | p99 ms | node us | of the floor | db us | RSS MB | round trips | least, goal | |',
  '|---|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|---|---|',
];

function rowOf(result: Result): string {
  const { name, title, rate, ratio, spread, p50, p99, cpu, floorCpu, databaseCpu, bounds } = result;
  const cells = [
    `\`${name}\` ${title}`,
    whole(rate),
    part(ratio),
    spread.map(part).join('-'),
    p50.toFixed(1),
    p99.toFixed(1),
    whole(cpu),
    cpu === null || !floorCpu ? '-' : part(cpu / floorCpu),
    whole(databaseCpu),
    whole(result.resident),
    result.roundTrips ?? '-',
    bounds ? `${bounds.least}, ${bounds.goal}` : '-',
    verdictOf(result),
  ];
  return `| ${cells.join(' | ')} |`;
}

function measureRow({ name, title, value, unit, most }: Measure): string {
  return `| \`${name}\` ${title} | ${value} ${unit} | ${most} ${unit} | ${isMet({ name, title, value, unit, most }) ? 'met' : 'missed'} |`;
}

export function lineOf(result: Result): string {
  const { name, rate, floorRate, ratio, failure } = result;
  const verdict = verdictOf(result);
  const why = failure === null ? '' : `: ${failure}`;
  return `${name}: ${whole(rate)} per second, ${part(ratio)} of the floor's ${whole(floorRate)}, ${verdict}${why}`;
}

/** The whole report as Markdown; it is what docs/performance.md shows. */
export function markdownOf({ machine, node, database, how, against, results, measures }: Report): string {
  const floor = against === null ? '' : ` The floor is livemall as built in ${against}.`;
  const lines = [`${machine}, Node ${node}, ${database}. ${how}${floor}`, ''];
  if (results.length > 0) lines.push(...HEAD, ...results.map(rowOf), '');
  if (measures.length > 0) {
    lines.push('| measure | | at most | |', '|---|--:|--:|---|', ...measures.map(measureRow), '');
  }
  return lines.join('\n');
}

const PAGE = 'docs/performance.md';
const BEGIN = '<!-- measured: begin, by npm run bench -- --report -->';
const END = '<!-- measured: end -->';

/** Puts the report between the marks of the page; what people wrote around them stays. */
export function writeReport(report: Report): void {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`${PAGE} has no place for the report: ${BEGIN} … ${END}`);
  writeFileSync(PAGE, `${page.slice(0, begin + BEGIN.length)}\n\n${markdownOf(report)}\n${page.slice(end)}`);
}
