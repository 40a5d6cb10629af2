import ts from "typescript";

/**
 * Every import of a source file, whatever its form. `typeOnly` ones vanish when the file is compiled.
 * @param {string} path
 * @param {string} text
 */
export function readImports(path, text) {
  /** @type {{ specifier: string; typeOnly: boolean; line: number }[]} */
  const imports = [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);

  function add(node, literal, typeOnly = false) {
    if (!literal || !ts.isStringLiteralLike(literal)) return;
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    imports.push({ specifier: literal.text, typeOnly, line });
  }

  function visit(node) {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, node.importClause?.isTypeOnly);
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node)) add(node, node.argument.literal, true);
    else if (ts.isImportEqualsDeclaration(node)) add(node, node.moduleReference.expression, node.isTypeOnly);
    else if (ts.isCallExpression(node) && loadsModule(node.expression)) add(node, node.arguments[0]);
    ts.forEachChild(node, visit);
  }

  visit(file);
  return imports;
}

const loadsModule = (callee) =>
  callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === "require");
