import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

/** What grows beyond these has more than one reason to change. */
const MAX_PARAMETERS = 8;
const MAX_LINES = 300;
const MAX_FILES = 22;

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path): [path: string, text: string] => [`src/${path}`, readFileSync(`src/${path}`, 'utf8')]);

/** The classes of a file with more than {@link MAX_PARAMETERS} constructor parameters, and how many they have. */
function wideConstructors([path, text]: readonly [path: string, text: string]): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isConstructorDeclaration(node) && node.parameters.length > MAX_PARAMETERS) {
      found.push(`${path} ${node.parent.name?.text}: ${node.parameters.length}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return found;
}

/** The folders with more than {@link MAX_FILES} files of their own, and how many they have. */
function crowdedFolders(paths: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > MAX_FILES).map(([folder, count]) => `${folder}: ${count}`);
}

describe('the source stays small', () => {
  it(`no constructor has more than ${MAX_PARAMETERS} parameters`, () => {
    const parameters = Array.from({ length: MAX_PARAMETERS + 1 }, (_, index) => `private readonly p${index}: P<1, 2>,`);
    expect(wideConstructors(['a.ts', `class A { constructor(${parameters.join('\n')}) {} }`])).toEqual(['a.ts A: 9']);
    expect(wideConstructors(['a.ts', `class A { constructor(${parameters.slice(1).join('\n')}) {} }`])).toEqual([]);
    expect(sources.flatMap(wideConstructors)).toEqual([]);
  });

  it(`no file has more than ${MAX_LINES} lines`, () => {
    expect(sources.filter(([, text]) => text.split('\n').length - 1 > MAX_LINES).map(([path]) => path)).toEqual([]);
  });

  it(`no folder has more than ${MAX_FILES} files`, () => {
    expect(crowdedFolders(Array.from({ length: MAX_FILES + 1 }, (_, index) => `a/${index}.ts`))).toEqual(['a: 23']);
    expect(crowdedFolders(sources.map(([path]) => path))).toEqual([]);
  });
});
