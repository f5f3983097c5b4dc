import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** One file of the repository, its path from the root with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A thing that every file, or the repository as a whole, must keep. */
export interface Rule {
  readonly name: string;
  /** One readable line per breach: `path:line: what is wrong and what to do`. */
  check(files: readonly SourceFile[]): string[];
  /** Small repositories that break the rule: proof that the check sees it. */
  readonly broken: readonly (readonly SourceFile[])[];
}

export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly line: number;
}

const skipped = new Set(['node_modules', 'dist', '.git', '.cavea', '.tap']);
const binary = /\.(png|jpg|ico|woff2?|bin)$/;

export function readRepository(root: string, folder = ''): SourceFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (skipped.has(entry.name)) return [];
    if (entry.isDirectory()) return readRepository(root, path);
    if (!entry.isFile() || binary.test(entry.name)) return [];
    return [{ path, text: readFileSync(join(root, path), 'utf8') }];
  });
}

export function isTypeScript({ path }: SourceFile): boolean {
  return path.endsWith('.ts') && !path.endsWith('.d.ts');
}

/** Code that is shipped: everything but tests and their helpers. */
export function isProduct(file: SourceFile): boolean {
  return isTypeScript(file) && !file.path.startsWith('test/');
}

const parsed = new WeakMap<SourceFile, ts.SourceFile>();

export function syntaxOf(file: SourceFile): ts.SourceFile {
  const known = parsed.get(file);
  if (known) return known;
  const syntax = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2022, true);
  parsed.set(file, syntax);
  return syntax;
}

/** Every node of a file, outer ones first. */
export function* nodesOf(file: SourceFile): Iterable<ts.Node> {
  const open: ts.Node[] = [syntaxOf(file)];
  for (let node = open.pop(); node; node = open.pop()) {
    yield node;
    open.push(...[...node.getChildren()].reverse());
  }
}

export function lineOf(file: SourceFile, node: ts.Node): number {
  const syntax = syntaxOf(file);
  return syntax.getLineAndCharacterOfPosition(node.getStart(syntax)).line + 1;
}

export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = [];
  for (const node of nodesOf(file)) {
    const specifier = specifierOf(node);
    if (specifier) found.push({ specifier: specifier.text, typeOnly: isTypeOnly(node), line: lineOf(file, node) });
  }
  return found;
}

function specifierOf(node: ts.Node): ts.StringLiteral | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier : undefined;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    return argument && ts.isStringLiteral(argument) ? argument : undefined;
  }
  return undefined;
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  if (!ts.isImportDeclaration(node)) return false;
  const clause = node.importClause;
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  return (
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.every((element) => element.isTypeOnly)
  );
}

/** The path of an imported file of ours, as its TypeScript source; undefined for packages. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/').replace(/\.js$/, '.ts');
}
