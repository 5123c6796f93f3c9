import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

/** The left column of "Replaced words" in docs/glossary.md: what stands there in backticks is not to come back. */
function replacedWords(): string[] {
  const [, table = ''] = readFileSync('docs/glossary.md', 'utf8').split('## Replaced words');
  const cells = [...table.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell]) => cell);
  return cells.flatMap((cell) => [...cell.matchAll(/`([\w…]+(?:\(\))?)`/g)].map(([, word]) => word));
}

/** `Shown…` begins a name, `counted()` is called. */
function patternOf(word: string): RegExp {
  const called = word.endsWith('()');
  const name = word.replace('()', '').replace(/…$/, String.raw`[A-Z]\w*`);
  return new RegExp(String.raw`\b${name}\b${called ? String.raw`\(` : ''}`);
}

function linesOf(folder: string): [place: string, line: string][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('words.unit-spec.ts'))
    .flatMap((path) =>
      readFileSync(`${folder}/${path}`, 'utf8')
        .split('\n')
        .map((line, at): [string, string] => [`${folder}/${path}:${at + 1}`, line]),
    );
}

describe('the words of the source', () => {
  const words = replacedWords();
  const lines = [...linesOf('src'), ...linesOf('scripts'), ...linesOf('test')];

  it('are replaced ones in the glossary, enough of them to be sure that the table was found', () => {
    expect(words.length).toBeGreaterThan(25);
    expect('new OrderSettlement()').toMatch(patternOf('OrderSettlement'));
    expect('interface ShownOrder').toMatch(patternOf('Shown…'));
    expect('sql.counted(result)').toMatch(patternOf('counted()'));
    expect('are counted').not.toMatch(patternOf('counted()'));
  });

  it.each(words)('%s does not come back', (word) => {
    const pattern = patternOf(word);
    expect(lines.filter(([, line]) => pattern.test(line)).map(([place]) => place)).toEqual([]);
  });

  it('say what a function returns, not what it answers', () => {
    const answering = /(?:\/\*\*|^ *\*|; |\. )\s*[Aa]nswers\b/;
    expect('/** Answers the id. */').toMatch(answering);
    expect('   * Takes it; answers how many.').toMatch(answering);
    expect('what WeChat answers').not.toMatch(answering);
    expect(lines.filter(([place, line]) => place.startsWith('src/') && answering.test(line))).toEqual([]);
  });
});
