import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import type { Access } from '../../src/protocols/route-rules.js';
import { describeMall } from '../support/stage.js';
import { routesOf, type DeclaredRoute } from '../support/routes.js';

const FILE = 'docs/routes.md';
const WIRES = ['api-v1', 'liveuser', 'web', 'open', 'wechat', 'operator'];
/** By permission bits: user 1, merchant 2, root 4. */
const LOGINS: Readonly<Record<number, string>> = { 2: 'merchant', 4: 'root', 6: 'merchant, root', 7: 'any login' };
const SIGNERS: Readonly<Record<string, string>> = { linkv: 'a partner’s signature', operator: 'the operator' };
const HEAD = `# Routes

Every route that is served, by wire; *limit* is the kind of requests that it is counted with. Generated from the controllers' own declarations by \`npm run docs:routes\`; a test holds it to
them. Parameters, examples and refusals of each are in the OpenAPI documents under \`/docs\` of a running server.
`;

describeMall('the table of routes', ({ app }) => {
  it('is that of the controllers', () => {
    const table = tableOf(routesOf(app.app));
    if (process.env['WRITE_ROUTES']) writeFileSync(FILE, table);
    expect(readFileSync(FILE, 'utf8')).toBe(table);
  });
});

function tableOf(routes: readonly DeclaredRoute[]): string {
  const parts = WIRES.map((wire) => {
    const own = routes.filter(({ dialect }) => dialect?.name === wire).sort(byPath);
    return `## ${wire}\n\n| | path | who | limit | handler |\n|---|---|---|---|---|\n${own.map(lineOf).join('\n')}\n`;
  });
  return [HEAD, ...parts].join('\n');
}

function byPath(a: DeclaredRoute, b: DeclaredRoute): number {
  return `${a.path} ${a.method}` < `${b.path} ${b.method}` ? -1 : 1;
}

function lineOf({ method, path, access, limit, handler }: DeclaredRoute): string {
  return `| ${method} | \`${path}\` | ${callerOf(access!)} | ${limit ?? ''} | \`${handler}\` |`;
}

function callerOf(access: Access): string {
  if (access.kind === 'public') return access.recognise ? 'everybody, by login if there is one' : 'everybody';
  const name = access.kind === 'login' ? LOGINS[access.bits] : SIGNERS[access.strategy];
  if (name === undefined) throw new Error(`no word for ${JSON.stringify(access)}`);
  return name;
}
