import ts from 'typescript';
import { Names, PLACE, PLACES, POINT, type Point } from './points.js';

const { factory: make } = ts;

/** Functions of kernel/memory.ts that are one access each. */
const READS = new Set(['load', 'peek', 'peek8', 'peekF64', 'loadF64', 'again']);
const WRITES = new Set(['store', 'poke', 'pokeF64', 'load64', 'store64', 'storeF64', 'add', 'cas', 'exchange', 'casPair', 'notify']);
/** Functions of it with several accesses, one a statement. */
const SEVERAL = new Set(['put', 'putF64', 'commit', 'beginWake', 'endWake', 'copy', 'zero']);
/** Functions of it without an access. */
const PURE = new Set(['pages', 'grow', 'unsigned', 'leadingZeros', 'times']);

/** Views of the memory, and their methods that write many elements at once. */
const VIEW = /(^|\.)(words|bytes|octets|doubles|longs|view)!?$/;
const BULK = new Set(['fill', 'set', 'write', 'copyWithin']);
/** Methods that call a function for each element. */
const EACH = new Set(['map', 'filter', 'forEach', 'some', 'every', 'find', 'reduce', 'from']);

/** The file being instrumented. */
let file = '';
let source: ts.SourceFile;

/**
 * Turns the functions of a module of the shared memory into generators that yield before each access of the memory, with the kind of access
 * ({@link POINT}). Returns it as CommonJS.
 * @param kind the memory's own functions; a file of the kernel, whose calls are all known; or any other file
 */
export function instrument(name: string, text: string, kind: 'memory' | 'kernel' | 'rest'): string {
  file = name;
  const transform = kind === 'memory' ? memory : kind === 'kernel' ? kernel : rest;
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.CommonJS },
    transformers: { before: [(context) => (root) => transform((source = root), context)] },
  });
  return outputText;
}

/** A stop before the code of a node. */
function point(kind: Point, node: ts.Node): ts.Expression {
  return make.createYieldExpression(undefined, make.createNumericLiteral(POINT[kind] + PLACE * placeOf(node)));
}

function placeOf(node: ts.Node): number {
  if (node.pos < 0) return 0;
  const start = node.getStart(source);
  const { line } = source.getLineAndCharacterOfPosition(start);
  const [from, to] = [line, line + 1].map((one) => source.getLineStarts()[one]);
  return PLACES.push(`${file}:${line + 1} ${source.text.slice(from, to).trim()}`) - 1;
}

function pointStatement(kind: Point, node: ts.Node): ts.Statement {
  return make.createExpressionStatement(point(kind, node));
}

/** `(yield kind, expression)` */
function after(kind: Point, expression: ts.Expression): ts.Expression {
  return make.createParenthesizedExpression(make.createComma(point(kind, expression), expression));
}

function delegated(call: ts.Expression): ts.Expression {
  return make.createParenthesizedExpression(make.createYieldExpression(make.createToken(ts.SyntaxKind.AsteriskToken), call));
}

function named(name: string, ...given: ts.Expression[]): ts.Expression {
  return make.createCallExpression(make.createIdentifier(name), undefined, given);
}

/** The call with one more argument, which is evaluated last: the point right before the call. */
function pointed(call: ts.CallExpression, kind: Point): ts.Expression {
  return make.updateCallExpression(call, call.expression, undefined, [...call.arguments, point(kind, call)]);
}

function generator(node: ts.FunctionDeclaration, body: ts.Block): ts.FunctionDeclaration {
  const star = make.createToken(ts.SyntaxKind.AsteriskToken);
  return make.updateFunctionDeclaration(node, node.modifiers, star, node.name, undefined, node.parameters, undefined, body);
}

function calleeOf(node: ts.Node): string | undefined {
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) ? node.expression.text : undefined;
}

/** Functions with one access stay as they are; in the others each statement is one. */
function memory(file: ts.SourceFile, context: ts.TransformationContext): ts.SourceFile {
  const visit = (node: ts.Node): ts.Node => {
    if (ts.isFunctionDeclaration(node)) {
      return SEVERAL.has(node.name!.text) ? generator(node, ts.visitEachChild(node.body!, visit, context)) : node;
    }
    if (SEVERAL.has(calleeOf(node) ?? '')) return delegated(node as ts.Expression);
    if (ts.isBlock(node)) return ts.visitEachChild(node, visit, context);
    return ts.visitEachChild(node, visit, context);
  };
  const spread = (node: ts.Node): ts.Node => {
    if (!ts.isFunctionDeclaration(node) || node.asteriskToken === undefined) return node;
    const statements = node.body!.statements.flatMap((one) =>
      ts.isExpressionStatement(one) ? [pointStatement('write', one), one] : [one],
    );
    return generator(node, make.updateBlock(node.body!, statements));
  };
  return ts.visitEachChild(ts.visitEachChild(file, visit, context), spread, context);
}

function kernel(file: ts.SourceFile, context: ts.TransformationContext): ts.SourceFile {
  const visit = (node: ts.Node): ts.Node => {
    const visited = ts.visitEachChild(node, visit, context);
    if (ts.isFunctionDeclaration(visited)) return generator(visited, visited.body!);
    if (ts.isIterationStatement(visited, false)) return looping(visited);
    const callee = calleeOf(visited);
    if (callee === undefined || PURE.has(callee)) return visited;
    const call = visited as ts.CallExpression;
    if (READS.has(callee)) return pointed(call, 'read');
    return WRITES.has(callee) ? pointed(call, 'write') : delegated(call);
  };
  return ts.visitEachChild(file, visit, context);
}

/** A loop with a point in each turn, where a thread can die in WebAssembly too. */
function looping(loop: ts.IterationStatement): ts.Node {
  const body = make.createBlock([pointStatement('loop', loop), loop.statement]);
  if (ts.isForStatement(loop)) return make.updateForStatement(loop, loop.initializer, loop.condition, loop.incrementor, body);
  if (ts.isWhileStatement(loop)) return make.updateWhileStatement(loop, loop.expression, body);
  throw new Error('the kernel has a loop of another sort');
}

/** Other code: its calls are resolved at run time, by their results. */
function rest(file: ts.SourceFile, context: ts.TransformationContext): ts.SourceFile {
  return ts.visitEachChild(file, new Rest(context, false, false).visit, context);
}

class Rest {
  /**
   * @param inside true in a function that becomes a generator @param collects true in a function that was a generator before: it returns an
   * array of all that it yielded
   */
  constructor(
    private readonly context: ts.TransformationContext,
    private readonly inside: boolean,
    private readonly collects: boolean,
  ) {}

  readonly visit = (node: ts.Node): ts.Node => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return node;
    if (ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node)) return this.#function(node);
    if (ts.isArrowFunction(node)) return this.#arrow(node);
    if (ts.isConstructorDeclaration(node) || ts.isAccessor(node) || ts.isPropertyDeclaration(node)) return this.#in(false).#children(node);
    if (ts.isYieldExpression(node)) return this.#collect(node);
    if (ts.isReturnStatement(node) && this.collects) return make.createReturnStatement(make.createIdentifier(Names.collected));
    if (ts.isCallExpression(node)) return this.#call(node);
    if (this.inside && isAssignment(node) && ts.isElementAccessExpression(node.left) && isView(node.left)) return this.#write(node);
    if (this.inside && ts.isElementAccessExpression(node) && isView(node)) return after('readOutside', this.#children(node));
    return this.#children(node);
  };

  #children<T extends ts.Node>(node: T): T {
    return ts.visitEachChild(node, this.visit, this.context);
  }

  #in(inside: boolean, collects = false): Rest {
    return new Rest(this.context, inside, collects);
  }

  #function(node: ts.MethodDeclaration | ts.FunctionDeclaration | ts.FunctionExpression): ts.Node {
    const asynchronous = isAsync(node);
    if (node.body === undefined || asynchronous) return this.#in(false).#children(node);
    const collects = node.asteriskToken !== undefined;
    const parameters = ts.visitNodes(node.parameters, this.#in(false).visit, ts.isParameter);
    const visited = ts.visitNode(node.body, this.#in(true, collects).visit, ts.isBlock);
    const body = collects ? collecting(visited) : visited;
    const star = make.createToken(ts.SyntaxKind.AsteriskToken);
    if (ts.isMethodDeclaration(node))
      return make.updateMethodDeclaration(node, node.modifiers, star, node.name, undefined, undefined, parameters, undefined, body);
    if (ts.isFunctionDeclaration(node))
      return make.updateFunctionDeclaration(node, node.modifiers, star, node.name, undefined, parameters, undefined, body);
    return make.updateFunctionExpression(node, node.modifiers, star, node.name, undefined, parameters, undefined, body);
  }

  /** An arrow function becomes a generator that is bound to the same `this`. */
  #arrow(node: ts.ArrowFunction): ts.Node {
    if (isAsync(node)) return this.#in(false).#children(node);
    const visited = ts.visitNode(node.body, this.#in(true).visit) as ts.ConciseBody;
    const body = ts.isBlock(visited) ? visited : make.createBlock([make.createReturnStatement(visited)]);
    const star = make.createToken(ts.SyntaxKind.AsteriskToken);
    const parameters = ts.visitNodes(node.parameters, this.#in(false).visit, ts.isParameter);
    const coroutine = make.createFunctionExpression(undefined, star, undefined, undefined, parameters, undefined, body);
    return named(Names.bound, coroutine, make.createThis());
  }

  #collect(node: ts.YieldExpression): ts.Node {
    const value = ts.visitNode(node.expression!, this.visit) as ts.Expression;
    const push = make.createPropertyAccessExpression(make.createIdentifier(Names.collected), 'push');
    return make.createCallExpression(push, undefined, [node.asteriskToken === undefined ? value : make.createSpreadElement(value)]);
  }

  /** `words[place] = value`, with the point right before the write. */
  #write(node: ts.BinaryExpression): ts.Node {
    const left = this.#children(node.left);
    const right = ts.visitNode(node.right, this.visit) as ts.Expression;
    return make.updateBinaryExpression(node, left, node.operatorToken, named(Names.first, right, point('writeOutside', node)));
  }

  #call(node: ts.CallExpression): ts.Node {
    const { expression } = node;
    const visited = this.#children(node);
    if (expression.kind === ts.SyntaxKind.SuperKeyword || isChained(node)) return visited;
    const [receiver, name] = ts.isPropertyAccessExpression(expression) ? [expression.expression.getText(), expression.name.text] : ['', ''];
    if (this.inside && receiver === 'Atomics') return pointed(visited, name === 'load' ? 'readOutside' : 'writeOutside');
    if (this.inside && VIEW.test(receiver) && BULK.has(name)) return after('writeOutside', visited);
    if (EACH.has(name) && node.arguments.some((one) => !ts.isObjectLiteralExpression(one)))
      return this.#answer(each(visited.expression as ts.PropertyAccessExpression, name, visited.arguments));
    if (this.inside && /(^|\.)kernel$/.test(receiver)) return this.#answer(pointed(visited, 'writeOutside'));
    return this.#answer(visited);
  }

  /** Delegates to the result of a call if it is a coroutine; outside of a coroutine runs it to its end. */
  #answer(call: ts.Expression): ts.Expression {
    if (!this.inside) return named(Names.run, call);
    const last = named(Names.last);
    return make.createParenthesizedExpression(
      make.createConditionalExpression(named(Names.isOne, call), undefined, delegated(last), undefined, last),
    );
  }
}

function each({ expression }: ts.PropertyAccessExpression, name: string, given: readonly ts.Expression[]): ts.Expression {
  return named(Names.each, expression, make.createStringLiteral(name), make.createArrayLiteralExpression([...given]));
}

function collecting(body: ts.Block): ts.Block {
  const collected = make.createIdentifier(Names.collected);
  const declared = make.createVariableDeclaration(collected, undefined, undefined, make.createArrayLiteralExpression());
  const first = make.createVariableStatement(undefined, make.createVariableDeclarationList([declared], ts.NodeFlags.Const));
  return make.updateBlock(body, [first, ...body.statements, make.createReturnStatement(collected)]);
}

function isAssignment(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
}

function isView(node: ts.ElementAccessExpression): boolean {
  return VIEW.test(node.expression.getText());
}

function isAsync(node: ts.Node): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) ?? false);
}

/** True if an optional chain continues after the call. */
function isChained(node: ts.CallExpression): boolean {
  const { parent } = node;
  return ts.isOptionalChain(node) && ts.isOptionalChain(parent) && parent.expression === node;
}
