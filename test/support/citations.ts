import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Citations and links of a file, and whether what they name is in the repository. Paths are from its root. */

/** A document, and what is cited of it: a section, a case, a range of them, or (in code) words after a comma. */
const CITATION = /(?<![\w./-])(docs\/[\w./-]+?\.md)\b(?: ([A-Z]\d{1,2}|\d+(?:\.\d+)*)(?: to ([A-Z]\d{1,2}))?\b)?/g;
const WORDS = /^, ([^();:.*`'"]+)/;
const ANY_DOCUMENT = /(?<![\w.*/-])([\w./-]+\.md)\b/g;
const LINK = /\]\(([^)\s]+)\)/g;
const SOURCE_PATH = /`((?:src|test|scripts|migrations)\/[\w./-]+)`/g;

function textOf(path: string): string {
  return readFileSync(path, 'utf8');
}

/** As GitHub makes an anchor of a heading. */
function anchorOf(heading: string): string {
  const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
  return plain.replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-');
}

function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#{1,6} +(.+?)\s*$/gm)].map(([, heading]) => heading);
}

/** A numbered section is a heading; a case is a line of a table. */
export function hasSection(text: string, section: string): boolean {
  if (/^\d/.test(section))
    return headingsOf(text).some((heading) => heading.split(' ')[0].replace(/\.$/, '') === section);
  return new RegExp(`^\\| ${section} \\|`, 'm').test(text);
}

/** What is wrong with the citations in a source file, or in a page's prose. */
export function brokenCitations(text: string): string[] {
  const broken: string[] = [];
  for (const match of text.matchAll(CITATION)) {
    const [citation, path, ...sections] = match;
    if (!existsSync(path)) {
      broken.push(`${path} is not there`);
      continue;
    }
    const cited = textOf(path);
    for (const section of sections)
      if (section && !hasSection(cited, section)) broken.push(`${citation} has no such section`);
    const words = WORDS.exec(text.slice(match.index + citation.length))?.[1].split(', ') ?? [];
    for (const word of words.map((one) => one.trim())) {
      if (!cited.toLowerCase().includes(word.toLowerCase())) broken.push(`${path} says nothing of "${word}"`);
    }
  }
  return broken;
}

/** Documents that are named without the way to them; links are looked at by {@link brokenLinks}. */
export function strayDocuments(file: string, text: string): string[] {
  const near = file.endsWith('.md') ? dirname(file) : '.';
  return [...text.replace(/\[[^\]]*\]\([^)]*\)/g, '').matchAll(ANY_DOCUMENT)]
    .map(([, path]) => path)
    .filter((path) => !existsSync(path) && !existsSync(join(near, path)));
}

/** Old ways of citing that lead nowhere: the documents' numbers, a document by its nickname. */
const NICKNAMES = [
  /\bseeds? (?:0\d\d|api-v1|liveuser|web|open)\b/i,
  /^\s*(?:\/?\*|\/\/).*[(;] ?(?:wires|design|security): /,
];

export function nicknames(text: string): string[] {
  return text.split('\n').filter((line) => NICKNAMES.some((nickname) => nickname.test(line)));
}

function prose(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
}

/** Links of a page to files and headings of the repository that are not there. */
export function brokenLinks(file: string, text: string): string[] {
  return [...prose(text).matchAll(LINK)]
    .map(([, target]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [path, anchor] = target.split('#');
      const linked = path ? normalize(join(dirname(file), path)) : file;
      if (!existsSync(linked)) return true;
      return anchor !== undefined && !headingsOf(textOf(linked)).map(anchorOf).includes(anchor);
    });
}

/** Files that a page names in backticks and that are not there. */
export function missingFiles(text: string): string[] {
  return [...text.matchAll(SOURCE_PATH)].map(([, path]) => path).filter((path) => !existsSync(path));
}
