import { relative, resolve } from 'node:path';
import ts from 'typescript';

/** A method, function or constant of the source: `src/a.ts Class.method`, or `src/a.ts name`. */
export type Unit = string;

/**
 * Everything in the source that can come to `target`, by calls and by what is passed on to be called; a call of an abstract or
 * overridden method can come to each of its implementations. More than happens, never less.
 */
export function callersOf(target: Unit): Set<Unit> {
  const callers = referencesIn(sourceProgram());
  const found = new Set<Unit>([target]);
  for (const unit of found) for (const caller of callers.get(unit) ?? []) found.add(caller);
  return found;
}

function sourceProgram(): ts.Program {
  const { config } = ts.readConfigFile('tsconfig.json', (file) => ts.sys.readFile(file)) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: ['src/**/*.ts'] }, ts.sys, process.cwd());
  const files = ts.sys.readDirectory('src', ['.ts'], ['**/*.spec.ts']);
  return ts.createProgram(files, { ...options, noEmit: true, incremental: false, composite: false });
}

/** Units by those that they are named in. */
function referencesIn(program: ts.Program): Map<Unit, Set<Unit>> {
  const checker = program.getTypeChecker();
  const callers = new Map<Unit, Set<Unit>>();
  const note = (called: Unit | null, caller: Unit | null): void => {
    if (called === null || caller === null || called === caller) return;
    callers.set(called, (callers.get(called) ?? new Set()).add(caller));
  };
  for (const file of program.getSourceFiles()) {
    if (!isOurs(file)) continue;
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node)) note(unitOf(declarationAt(node, checker)), unitOf(node));
      if (ts.isClassDeclaration(node))
        for (const [base, own] of overrides(node, checker)) note(unitOf(own), unitOf(base));
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return callers;
}

function isOurs(file: ts.SourceFile): boolean {
  return file.fileName.startsWith(resolve('src')) || file.fileName.startsWith('src/');
}

function declarationAt(node: ts.Identifier, checker: ts.TypeChecker): ts.Node | undefined {
  let symbol = checker.getSymbolAtLocation(node);
  if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  return symbol?.valueDeclaration;
}

/** Members of the class beside those of its parents and interfaces that they stand for: who calls these can come to those. */
function* overrides(node: ts.ClassDeclaration, checker: ts.TypeChecker): Generator<[base: ts.Node, own: ts.Node]> {
  const parents = node.heritageClauses?.flatMap(({ types }) => types) ?? [];
  for (const parent of parents.map((type) => checker.getTypeAtLocation(type))) {
    for (const member of node.members) {
      const name = member.name && ts.isIdentifier(member.name) ? member.name.text : null;
      const base = name === null ? undefined : parent.getProperty(name)?.valueDeclaration;
      if (base) yield [base, member];
    }
  }
}

/** The outermost function, method or constant that this node is, or stands in; null outside of ours, and for a class as such. */
function unitOf(node: ts.Node | undefined): Unit | null {
  let unit: ts.Node | undefined;
  for (let at = node; at && !ts.isSourceFile(at); at = at.parent) if (isUnit(at)) unit = at;
  if (!unit || !isOurs(unit.getSourceFile())) return null;
  const { name } = unit as ts.NamedDeclaration;
  const own = name?.getText() ?? 'constructor';
  const owner = ts.isClassLike(unit.parent) ? `${unit.parent.name?.text}.` : '';
  return `${relative('.', unit.getSourceFile().fileName)} ${owner}${own}`;
}

function isUnit(node: ts.Node): boolean {
  return (
    ts.isClassElement(node) || ts.isFunctionDeclaration(node) || (ts.isVariableDeclaration(node) && isTopLevel(node))
  );
}

function isTopLevel(node: ts.VariableDeclaration): boolean {
  return ts.isSourceFile(node.parent.parent.parent);
}
