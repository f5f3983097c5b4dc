import ts from 'typescript';
import { isProduct, isTypeScript, lineOf, nodesOf, type Rule, type SourceFile, syntaxOf } from './source-file.js';

const maxFileLines = 400;
const maxFunctionLines = 70;

/** The schema is generated: what the migrations add up to. */
const isCode = ({ path }: SourceFile) => /\.(ts|mjs|lua|css|sql)$/.test(path) && path !== 'server/db/schema.sql';

export const fileLength: Rule = {
  name: `no file has more than ${maxFileLines} lines`,
  check: (files) =>
    files.filter(isCode).flatMap(({ path, text }) => {
      const lines = text.split('\n').length - 1;
      return lines > maxFileLines ? [`${path}: ${lines} lines; split it by what changes together`] : [];
    }),
  broken: [[{ path: 'server/long.ts', text: 'export {};\n'.repeat(maxFileLines + 1) }]],
};

export const functionLength: Rule = {
  name: `no function has more than ${maxFunctionLines} lines`,
  check: (files) => files.filter(isTypeScript).flatMap((file) => everyNode(file, tooLong)),
  broken: [[{ path: 'server/long.ts', text: `function long() {\n${'  a();\n'.repeat(maxFunctionLines)}}\n` }]],
};

/**
 * Lines that are the function's own: a function inside it is measured by itself. So a factory that returns an object
 * of methods is judged like a class, whose length only the file's limits.
 */
function tooLong(node: ts.Node, file: SourceFile): string | undefined {
  if (!isFunctionWithBody(node)) return undefined;
  const lines = linesOf(node, file) - innerLines(node, file);
  if (lines <= maxFunctionLines) return undefined;
  return `${node.name?.getText() ?? 'a function'} has ${lines} lines of its own; split it`;
}

function isFunctionWithBody(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

/** Lines of the outermost functions inside a node; one of a single line is part of the line that it stands in. */
function innerLines(node: ts.Node, file: SourceFile): number {
  let lines = 0;
  ts.forEachChild(node, (child) => {
    if (isFunctionWithBody(child)) lines += Math.max(0, linesOf(child, file) - 1);
    else lines += innerLines(child, file);
  });
  return lines;
}

function linesOf(node: ts.Node, file: SourceFile): number {
  const syntax = syntaxOf(file);
  const line = (position: number) => syntax.getLineAndCharacterOfPosition(position).line;
  return line(node.end) - line(node.getStart(syntax)) + 1;
}

const clockFiles = ['server/core/clock.ts', 'server/core/random.ts', 'client-sdk/clock.ts'];
const timers = new Set(['setTimeout', 'setInterval', 'requestIdleCallback']);
const randoms = new Set(['randomBytes', 'randomInt', 'randomUUID', 'getRandomValues', 'randomFill', 'randomFillSync']);
const rawCalls = new Set(['Date.now', 'performance.now', 'process.hrtime', 'Math.random']);

export const noRawTime: Rule = {
  name: 'time, timers and random numbers come from the clock and random modules',
  check: (files) =>
    files
      .filter((file) => isProduct(file) && !clockFiles.includes(file.path))
      .flatMap((file) => everyNode(file, rawTime)),
  broken: [
    [{ path: 'server/seatmap/a.ts', text: 'export const a = Date.now();\n' }],
    [{ path: 'server/seatmap/b.ts', text: 'export const b = new Date();\n' }],
    [{ path: 'client-sdk/c.ts', text: 'setTimeout(() => {}, 5);\n' }],
    [{ path: 'sandbox/d.ts', text: "import { randomUUID } from 'node:crypto';\nrandomUUID();\n" }],
  ],
};

function rawTime(node: ts.Node): string | undefined {
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) {
    return 'new Date() reads the clock; take a Clock';
  }
  if (!ts.isCallExpression(node)) return undefined;
  const called = node.expression.getText();
  const name = called.split('.').at(-1) ?? '';
  if (rawCalls.has(called)) return `${called} is for core only; take a Clock or use core/random.ts`;
  const isGlobalTimer = timers.has(called) || timers.has(called.replace(/^(globalThis|window|self)\./, ''));
  if (isGlobalTimer) return `${called} is for core only; take a Clock`;
  return randoms.has(name) ? `${called} is for core only; use core/random.ts` : undefined;
}

export const strictTypes: Rule = {
  name: 'no any, no silenced compiler, no non-null assertion',
  check: (files) =>
    files.filter(isTypeScript).flatMap((file) => [
      ...everyNode(file, (node) => {
        if (node.kind === ts.SyntaxKind.AnyKeyword) return 'any switches the compiler off; say the type, or unknown';
        return ts.isNonNullExpression(node) ? '`!` asserts what the compiler cannot see; check it' : undefined;
      }),
      ...everyLine(
        file,
        new RegExp(`@ts-(${['ignore', 'expect-error', 'nocheck'].join('|')})`),
        'mend the type instead',
      ),
    ]),
  broken: [
    [{ path: 'server/a.ts', text: 'export const a: any = 1;\n' }],
    [{ path: 'server/b.ts', text: 'export const b = (c: string | undefined) => c!;\n' }],
    [{ path: 'server/d.ts', text: `// @ts-${'ignore'}\nexport const d = 1;\n` }],
  ],
};

/** Files whose tool wants a default export. */
const defaultExporters: readonly string[] = [];

export const noDefaultExport: Rule = {
  name: 'no default export and no re-exporting file',
  check: (files) =>
    files.filter(isTypeScript).flatMap((file) =>
      everyNode(file, (node) => {
        if (ts.isExportAssignment(node) && !defaultExporters.includes(file.path)) return 'a default export has no name';
        const barrel = ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && !node.exportClause;
        return barrel ? 'export * hides where a thing comes from; import it from its own file' : undefined;
      }),
    ),
  broken: [
    [{ path: 'server/a.ts', text: 'export default 1;\n' }],
    [{ path: 'server/b.ts', text: "export * from './a.js';\n" }],
  ],
};

const unfinished = ['FIX' + 'ME', 'TO' + 'DO', 'XX' + 'X', 'HA' + 'CK'];

export const finished: Rule = {
  name: 'nothing is marked as unfinished',
  check: (files) =>
    files
      .filter(({ path }) => path !== 'package-lock.json')
      .flatMap((file) => everyLine(file, new RegExp(`\\b(${unfinished.join('|')})\\b`), 'finish it, or open an issue')),
  broken: [[{ path: 'server/a.ts', text: `// ${unfinished[0]} later\n` }]],
};

export const noSkippedTest: Rule = {
  name: 'no test is skipped or runs alone',
  check: (files) =>
    files
      .filter(({ path }) => path.startsWith('test/') && path.endsWith('.ts'))
      .flatMap((file) => [
        ...everyNode(file, (node) => {
          if (!ts.isPropertyAccessExpression(node) || node.expression.getText() !== 't') return undefined;
          return ['skip', 'todo', 'only'].includes(node.name.text)
            ? `t.${node.name.text}: a test runs, or goes`
            : undefined;
        }),
        ...everyNode(file, (node) => {
          const option = ts.isPropertyAssignment(node) && /^(skip|todo|only)$/.test(node.name.getText());
          return option ? `${node.getText()}: a test runs, or goes` : undefined;
        }),
      ]),
  broken: [
    [{ path: 'test/server/a.test.ts', text: "t.skip('later', () => {});\n" }],
    [{ path: 'test/server/b.test.ts', text: "t.test('later', { skip: true }, () => {});\n" }],
  ],
};

function everyNode(file: SourceFile, judge: (node: ts.Node, file: SourceFile) => string | undefined): string[] {
  const problems: string[] = [];
  for (const node of nodesOf(file)) {
    const problem = judge(node, file);
    if (problem) problems.push(`${file.path}:${lineOf(file, node)}: ${problem}`);
  }
  return problems;
}

export function everyLine({ path, text }: SourceFile, pattern: RegExp, advice: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const found = pattern.exec(line);
    return found ? [`${path}:${index + 1}: ${found[0]}: ${advice}`] : [];
  });
}
