import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

interface Finding {
  readonly file: string;
  readonly line: number;
}

const MAX_LINES = 400;

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.[cm]?[jt]s$/.test(path))
    .map((path) => `${folder}/${path}`);
}

/** A text rule: the files it looks at, what must not stand in them, and an example of it. */
const RULES: readonly {
  readonly sentence: string;
  readonly looksAt: (file: string) => boolean;
  readonly forbids: RegExp;
  readonly planted: readonly string[];
  readonly fine: readonly string[];
}[] = [
  {
    sentence: 'no `any` without a reason beside it',
    looksAt: (file) => file.startsWith('src/'),
    forbids: /(?:[:<|&,(=]\s*|\bas\s+)any(?=\s*(?:[[\]>;,)=|&{]|$))(?!.*\/\/ any: \S)/,
    planted: ['const a: any = 1;', 'x as any', 'Map<string, any>'],
    fine: ['const a: any = 1; // any: the driver declares nothing', 'hasAny(1)', '// for any caller', 'anyOf'],
  },
  {
    sentence: 'features throw DomainError, no HTTP exception',
    looksAt: (file) => file.startsWith('src/modules/'),
    forbids: /\b\w*(?:Http|BadRequest|Unauthorized|Forbidden|NotFound|Conflict)Exception\b/,
    planted: ["import { NotFoundException } from '@nestjs/common';", 'throw new HttpException(1)'],
    fine: ["throw notFound('user')"],
  },
  {
    sentence: 'only config and main read the environment',
    looksAt: (file) => file.startsWith('src/') && !/^src\/(config\/|main\.ts|simulator\/main\.ts)/.test(file),
    forbids: /\bprocess\.env\b/,
    planted: ["process.env['PORT']"],
    fine: ['process.exitCode = 1'],
  },
  {
    sentence: "a document's misspelling stays in the dto that carries it",
    looksAt: (file) => file.startsWith('src/') && !/\.(dto|controller|spec)\.ts$/.test(file),
    forbids: /expriation/i,
    planted: ['expriation: number'],
    fine: ['expiration: number'],
  },
  {
    sentence: 'no note to do something later, no skipped test',
    looksAt: (file) => !file.includes('architecture/'),
    forbids: /\b(?:TODO|FIXME|XXX)\b|\b(?:it|test|describe)\.(?:skip|only|todo)\b|\bx(?:it|describe)\(/,
    planted: ['// TODO later', "it.skip('x', f)", "describe.only('x', f)", "xit('x')"],
    fine: ["it('x', f)", 'exit(1)'],
  },
  {
    sentence: 'no synchronize: tables change by migrations only',
    looksAt: (file) => /^(src|migrations)\//.test(file),
    forbids: /synchronize(?:\(|: true)/,
    planted: ['synchronize: true', 'dataSource.synchronize()'],
    fine: ['synchronize: false'],
  },
];

describe('the text of the source', () => {
  const files = ['src', 'test', 'scripts', 'migrations'].flatMap(filesUnder);
  const lines = new Map(files.map((file) => [file, readFileSync(file, 'utf8').split('\n')]));

  it.each(RULES)('$sentence', ({ looksAt, forbids, planted, fine }) => {
    for (const text of planted) expect(text).toMatch(forbids);
    for (const text of fine) expect(text).not.toMatch(forbids);
    const found: Finding[] = [...lines]
      .filter(([file]) => looksAt(file))
      .flatMap(([file, texts]) => texts.flatMap((text, at) => (forbids.test(text) ? [{ file, line: at + 1 }] : [])));
    expect(found).toEqual([]);
  });

  it(`no file over ${MAX_LINES} lines`, () => {
    expect([...lines].filter(([, texts]) => texts.length - 1 > MAX_LINES).map(([file]) => file)).toEqual([]);
  });
});
