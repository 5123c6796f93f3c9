import { readFileSync } from 'node:fs';

/** The text of a file of `public/`, which the build copies beside the compiled code. */
export function publicFile(name: string): string {
  return readFileSync(new URL(`../../public/${name}`, import.meta.url), 'utf8');
}
