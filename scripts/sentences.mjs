// @ts-check
/**
 * Checks the sentences of comments, docs, error messages and test titles: prints each that begins with a word of OPENERS or holds a
 * phrase of PHRASES, and exits with 1 if there is one. `make lint` runs it; with paths it looks at those alone.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** Words that begin a noun clause where a verb or a noun says more: "Returns …", "True if …", "Number of …", "Delay before …". */
const OPENERS =
  /^(what|whether|who|whom|whose|whoever|whatever|how|nobody|those|so (many|much)|(of|for|to|in|by|with|from|about) (what|whom|which))\b/i;

/** Phrases that hide who does it, or that no engineer says. */
const PHRASES =
  /\b(whoever|whom|whomever|nobody|those (that|who|which|of)|so (many|much)|where there (is|are|was|were) (none|no|one)|(is|are|was) about it|for what (is|it|was|they)|of what (is|it|was|they)|what travelled|anew|lest)\b/i;

const EXCLUDED = /^proto\/(gen|vendor)\/|^docs\/benchmarks\.md$|^CHANGELOG\.md$/;
const LINE = /\n/g;

const listed = execFileSync('git', ['ls-files', '--', ...process.argv.slice(2)], { encoding: 'utf8' });
for (const file of listed.split('\n')) {
  if (EXCLUDED.test(file)) continue;
  if (/\.(tsx?|mjs|js)$/.test(file)) checkCode(file);
  else if (file.endsWith('.proto')) checkProto(file);
  else if (file.endsWith('.md')) checkPage(file);
}

/** Comments, messages of errors, titles of tests. @param {string} file */
function checkCode(file) {
  const text = readFileSync(file, 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  /** Starts of the comments that were seen. @type {Set<number>} */
  const seen = new Set();

  /** @param {ts.Node} node */
  const visit = (node) => {
    const isToken = node.getChildCount(source) === 0;
    if (isToken) {
      const ranges = [ts.getLeadingCommentRanges(text, node.getFullStart()), ts.getTrailingCommentRanges(text, node.getEnd())].flat();
      /** Line comments below each other are one text. @type {{ start: number, text: string } | undefined} */
      let block;
      for (const range of ranges) {
        if (range === undefined || seen.has(range.pos)) continue;
        seen.add(range.pos);
        const comment = text.slice(range.pos, range.end);
        if (comment.startsWith('/*')) checkComment(file, text, range.pos, comment);
        else if (block === undefined) block = { start: range.pos, text: comment };
        else block.text += `\n${comment}`;
      }
      if (block !== undefined) checkComment(file, text, block.start, block.text);
    }
    for (const message of messagesOf(node)) check(file, lineOf(text, message.getStart(source)), message.getText(source).slice(1, -1));
    for (const child of node.getChildren(source)) if (child.kind !== ts.SyntaxKind.JSDoc) visit(child);
  };
  visit(source);
}

/** The texts that a call shows to a user: of an error, of a test. @param {ts.Node} node @returns {ts.Node[]} */
function messagesOf(node) {
  const isError = ts.isNewExpression(node) && node.expression.getText().endsWith('Error');
  const isTest = ts.isCallExpression(node) && /^(test|it|describe)\b/.test(node.expression.getText());
  if (!isError && !isTest) return [];
  return (node.arguments ?? []).filter((argument) => ts.isStringLiteralLike(argument) || ts.isTemplateExpression(argument)).slice(0, 1);
}

/** Each sentence of a comment begins after a tag or a full stop. @param {string} file @param {string} text @param {number} start @param {string} comment */
function checkComment(file, text, start, comment) {
  const bare = comment.replace(/^[ \t]*(\/\*\*?|\*\/|\*|\/\/)?[ \t]?/gm, '').replace(/\*\/$/, '');
  for (const part of bare.split(/^@\w+ (?:\{.*?\} )?(?:\w+ - )?|\n\n/m)) check(file, lineOf(text, start), part);
}

/** @param {string} file */
function checkProto(file) {
  const text = readFileSync(file, 'utf8');
  for (const match of text.matchAll(/^[ \t]*\/\/.*(\n[ \t]*\/\/.*)*|\/\/.*/gm)) checkComment(file, text, match.index, match[0]);
}

/** Paragraphs outside of code. @param {string} file */
function checkPage(file) {
  const text = readFileSync(file, 'utf8');
  const prose = text.replace(/^```[\s\S]*?^```|`[^`\n]*`/gm, (code) => code.replace(/[^\n]/g, '·'));
  let line = 1;
  for (const paragraph of prose.split(/\n(?=\n|[-*|#] ?|\d+\. )/)) {
    check(file, line, paragraph.replace(/^[\s\-*|#>\d.]+/, ''));
    line += (paragraph.match(LINE) ?? []).length + 1;
  }
}

/** Checks a text of one or more sentences. @param {string} file @param {number} line @param {string} text */
function check(file, line, text) {
  const flat = text.replace(/\s+/g, ' ').trim();
  if (flat.endsWith('?')) return;
  for (const sentence of flat.split(/(?<=[.:;]) (?=[A-Z])/)) {
    const found = OPENERS.exec(sentence) ?? PHRASES.exec(sentence);
    if (found === null || sentence.endsWith('?')) continue;
    console.log(`${file}:${line} "${found[0]}": ${sentence.slice(0, 100)}`);
    process.exitCode = 1;
  }
}

/** @param {string} text @param {number} offset */
function lineOf(text, offset) {
  return (text.slice(0, offset).match(LINE) ?? []).length + 1;
}
