/**
 * What a source file says about its dependencies, read by the TypeScript parser: imports of every form and uses of the process
 * environment and the terminal. It judges nothing.
 */
import ts from 'typescript';

export interface ImportFact {
  /** As written: `../model/problem.ts`, `pg`, `node:fs`. */
  readonly specifier: string;
  /** `type` leaves nothing in the running program; `lazy` is `import()`. */
  readonly kind: 'value' | 'type' | 'lazy';
  readonly line: number;
}

export interface GlobalFact {
  readonly name: 'process.env' | 'process.stdout' | 'process.stderr' | 'console';
  readonly line: number;
}

export interface SourceFacts {
  /** From the root of the checkout, with forward slashes. */
  readonly path: string;
  readonly imports: readonly ImportFact[];
  readonly globals: readonly GlobalFact[];
}

const PROCESS_MEMBERS = ['env', 'stdout', 'stderr'];

export function readFacts(path: string, text: string): SourceFacts {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: ImportFact[] = [];
  const globals: GlobalFact[] = [];
  const lineOf = (node: ts.Node): number => file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const visit = (node: ts.Node): void => {
    const found = importOf(node);
    if (found) imports.push({ ...found, line: lineOf(node) });
    const name = globalOf(node);
    if (name) globals.push({ name, line: lineOf(node) });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { path, imports, globals };
}

function importOf(node: ts.Node): Omit<ImportFact, 'line'> | undefined {
  if (ts.isImportDeclaration(node)) {
    return { specifier: textOf(node.moduleSpecifier), kind: isTypeImport(node) ? 'type' : 'value' };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    return { specifier: textOf(node.moduleSpecifier), kind: isTypeExport(node) ? 'type' : 'value' };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { specifier: textOf(node.argument.literal), kind: 'type' };
  }
  if (!ts.isCallExpression(node) || node.arguments.length === 0) return undefined;
  const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
  const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require';
  return isImport || isRequire ? { specifier: textOf(node.arguments[0]!), kind: 'lazy' } : undefined;
}

/** Also `import { type A, type B }`: with verbatim module syntax an empty import is left of it, which runs the module. */
function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  return importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function isTypeExport(node: ts.ExportDeclaration): boolean {
  return node.isTypeOnly;
}

function globalOf(node: ts.Node): GlobalFact['name'] | undefined {
  if (ts.isIdentifier(node) && node.text === 'console' && !isMemberName(node)) return 'console';
  const member = memberOfProcess(node);
  return member && PROCESS_MEMBERS.includes(member) ? (`process.${member}` as GlobalFact['name']) : undefined;
}

function memberOfProcess(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && isProcess(node.expression)) return node.name.text;
  if (ts.isElementAccessExpression(node) && isProcess(node.expression)) return textOf(node.argumentExpression);
  const isDestructured = ts.isVariableDeclaration(node) && node.initializer && isProcess(node.initializer);
  if (!isDestructured || !ts.isObjectBindingPattern(node.name)) return undefined;
  const names = node.name.elements.map((element) => (element.propertyName ?? element.name).getText());
  return names.find((name) => PROCESS_MEMBERS.includes(name));
}

function isProcess(node: ts.Expression): boolean {
  return node.getText().replace(/^globalThis\??\./, '') === 'process';
}

function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  const isMember = ts.isPropertyAccessExpression(parent) && parent.name === node;
  return (
    (isMember && parent.expression.getText() !== 'globalThis') ||
    (ts.isPropertyAssignment(parent) && parent.name === node)
  );
}

function textOf(node: ts.Node): string {
  return ts.isStringLiteralLike(node) ? node.text : node.getText();
}
