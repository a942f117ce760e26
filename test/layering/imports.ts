import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import ts from 'typescript';

export interface Import {
  /** As written: `./raster.ts`, `node:fs`, `sharp`. */
  readonly specifier: string;
  /** Erased when compiled: `import type`, every name marked `type`, or a type position. */
  readonly typeOnly: boolean;
  readonly line: number;
}

export interface Source {
  /** Relative to the repository, `/` as separator. */
  readonly path: string;
  readonly imports: readonly Import[];
  /** Names of exported `let` and `var`. */
  readonly mutableExports: readonly string[];
  /** True when the file is nothing but `export … from`, two of them or more. */
  readonly isBarrel: boolean;
}

/** Reads one source; a .svelte file counts by its script blocks. */
export function readSource(path: string, text: string): Source {
  const code = path.endsWith('.svelte') ? scriptsOf(text) : text;
  const file = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  const imports: Import[] = [];
  const add = (node: ts.Node, specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (specifier && ts.isStringLiteralLike(specifier))
      imports.push({
        specifier: specifier.text,
        typeOnly,
        line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1,
      });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, isTypeImport(node));
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, isTypeExport(node));
    else if (ts.isImportTypeNode(node)) add(node, (node.argument as ts.LiteralTypeNode).literal, true);
    else if (ts.isCallExpression(node) && isLoading(node)) add(node, node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(file);
  const reexports = file.statements.filter((node) => ts.isExportDeclaration(node) && node.moduleSpecifier);
  return {
    path,
    imports,
    mutableExports: file.statements.filter(isMutableExport).flatMap(namesOf),
    isBarrel: reexports.length > 1 && reexports.length === file.statements.length,
  };
}

const scriptsOf = (text: string) =>
  [...text.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/g)].map((block) => block[1]).join('\n');

function isTypeImport(node: ts.ImportDeclaration): boolean {
  const clause = node.importClause;
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const names = clause.namedBindings;
  if (clause.name || !names || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((name) => name.isTypeOnly);
}

function isTypeExport(node: ts.ExportDeclaration): boolean {
  if (node.isTypeOnly) return true;
  const names = node.exportClause;
  return !!names && ts.isNamedExports(names) && names.elements.every((name) => name.isTypeOnly);
}

function isLoading(node: ts.CallExpression): boolean {
  if (node.expression.kind === ts.SyntaxKind.ImportKeyword) return true;
  return ts.isIdentifier(node.expression) && node.expression.text === 'require';
}

function isMutableExport(node: ts.Statement): node is ts.VariableStatement {
  if (!ts.isVariableStatement(node)) return false;
  const exported = node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword);
  return !!exported && !(node.declarationList.flags & ts.NodeFlags.Const);
}

const namesOf = (node: ts.Statement) =>
  (node as ts.VariableStatement).declarationList.declarations.map((declaration) => declaration.name.getText());

/** Every .ts, .js and .svelte source of the given folders, without what is generated or installed. */
export function readSources(root: string, folders: readonly string[]): Source[] {
  const skipped = new Set(['node_modules', '.cache', 'dist', 'runs', 'results', 'fixtures', 'artefacts']);
  const paths: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (entry.isDirectory() && !skipped.has(entry.name)) walk(join(folder, entry.name));
      else if (entry.isFile() && /\.(ts|js|mjs|cjs|svelte)$/.test(entry.name)) paths.push(join(folder, entry.name));
    }
  };
  for (const folder of folders) if (statSync(join(root, folder), { throwIfNoEntry: false })) walk(folder);
  return paths.map((path) => readSource(path.split(sep).join('/'), readFileSync(join(root, path), 'utf8')));
}

/** The repository path a relative specifier points at, or undefined for a package. */
export function target(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return normalize(join(dirname(from), specifier.replace(/\?.*$/, '')))
    .split(sep)
    .join('/');
}

/** The package a bare specifier belongs to: `@scope/name/sub` → `@scope/name`, `node:fs` → `node:fs`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
