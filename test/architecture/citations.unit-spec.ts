import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  brokenCitations,
  brokenLinks,
  hasSection,
  missingFiles,
  nicknames,
  strayDocuments,
} from '../support/citations.js';

const PUBLISHED: Readonly<Record<string, string>> = {
  'docs/api/api-v1.md': '5a872756d49b144cfb6d4e62264186ed9ae1722580de75805572deb35308f3d8',
  'docs/api/liveuser.md': 'bf85bd4502d0f4c2039374446b7f8454c9d51b3d59c85feb148897535f69111f',
  'docs/api/liveuser-first-edition.md': 'b1f63e9dfbe03d59aa35acc7b251aa664a8e75588a791943b569f66e6d02c9fa',
  'docs/api/web.md': '48715265edd4bab0e2a4d8ba945d651a6c708eb35f9ac5845d85b858685d3378',
  'docs/api/open.md': 'b1dbe629e18712a77e968e53463f15a8d2647e3c7d22ae559ac550f4e73fba86',
};

function filesUnder(folder: string, ending: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path}`)
    .filter((path) => ending.test(path));
}

const textOf = (file: string): string => readFileSync(file, 'utf8');
const rootFiles = readdirSync('.');
const code = [
  ...['src', 'test', 'scripts', 'migrations'].flatMap((folder) => filesUnder(folder, /\.[cm]?[jt]s$/)),
  ...rootFiles.filter((file) => /\.(?:ts|mjs|yaml)$|^Dockerfile$|^\.env\.example$|^\.dependency-cruiser/.test(file)),
].filter((file) => !file.includes('citations'));
const pages = [
  ...filesUnder('docs', /\.md$/).filter((file) => !(file in PUBLISHED)),
  ...rootFiles.filter((file) => file.endsWith('.md')),
];

/** `file: problem` for every problem in these files. */
function problems(files: readonly string[], find: (file: string, text: string) => string[]): string[] {
  return files.flatMap((file) => find(file, textOf(file)).map((problem) => `${file}: ${problem}`));
}

describe('citations', () => {
  it('are found out when they lead nowhere, and let pass when they do not', () => {
    const broken = ['docs/nowhere.md', 'docs/security.md 9.9', 'docs/security.md Z9', '(docs/wires.md, no such words)'];
    for (const text of broken) expect([text, brokenCitations(text)]).toEqual([text, [expect.any(String)]]);
    const fine = ['docs/security.md 2.3', 'docs/security.md N1 to N3', '(docs/wires.md, api-v1, addresses).'];
    for (const text of fine) expect([text, brokenCitations(text)]).toEqual([text, []]);
    expect(strayDocuments('src/a.ts', 'security.md 2.3, docs/security.md')).toEqual(['security.md']);
    expect(
      nicknames(['// Seed 004: yuan', '/** (wires: lists) */', 'const wires: Wire[] = [];'].join('\n')),
    ).toHaveLength(2);
    expect(brokenLinks('docs/a.md', '[a](wires.md#lists) [b](wires.md#nowhere) [c](gone.md) [d](https://x.y)')).toEqual(
      ['wires.md#nowhere', 'gone.md'],
    );
    expect(missingFiles('`src/main.ts` `src/gone.ts`')).toEqual(['src/gone.ts']);
  });

  it('lead to a document, a section, a case or words that are there', () => {
    expect(problems([...code, ...pages], (_, text) => brokenCitations(text))).toEqual([]);
  });

  it('name no document without the way to it', () => {
    expect(problems([...code, ...pages], strayDocuments)).toEqual([]);
    expect(problems([...code, ...pages], (_, text) => nicknames(text))).toEqual([]);
  });

  it('of cases in the titles of tests are cases of docs/security.md', () => {
    const cases = textOf('docs/security.md');
    const cited = (_: string, text: string): string[] => [
      ...[...text.matchAll(/\b(?:it|test|describe)\b[^'"`\n]*['"`]([A-O]\d{1,2}): /g)].map(([, id]) => id),
      ...[...text.matchAll(/security cases? ([A-O]\d{1,2})(?: to ([A-O]\d{1,2}))?/g)].flatMap(([, ...ids]) => ids),
    ];
    const unknown = problems(code, (file, text) => cited(file, text).filter((id) => id && !hasSection(cases, id)));
    expect(unknown).toEqual([]);
  });
});

describe('the documents', () => {
  it('link to files and headings that are there', () => {
    expect(problems(pages, brokenLinks)).toEqual([]);
  });

  it('name files of the source that are there', () => {
    expect(problems(pages, (_, text) => missingFiles(text))).toEqual([]);
  });

  it.each(['docs', 'docs/decisions', 'docs/api'])('of %s stand in its table of contents', (folder) => {
    const index = textOf(`${folder}/README.md`);
    const files = readdirSync(folder).filter((file) => file.endsWith('.md') && file !== 'README.md');
    expect(files.filter((file) => !index.includes(`](${file})`))).toEqual([]);
  });

  it.each(Object.entries(PUBLISHED))('%s is what was published, byte for byte', (file, digest) => {
    expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(digest);
  });

  it('of operations explains every variable of .env.example', () => {
    const names = [...textOf('.env.example').matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name);
    const operations = textOf('docs/operations.md');
    expect(names.length).toBeGreaterThan(30);
    expect([...new Set(names)].filter((name) => !operations.includes(`\`${name}\``))).toEqual([]);
  });
});
