import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

/** What a step runs: a script of package.json, a built script, the tests. */
const COMMAND = /\bnpm run -s [\w:]+|\bnpm (?:ci|test)\b|\bnode dist\/scripts\/[\w-]+\.js/g;

function commandsOf(file: string): Set<string> {
  return new Set(readFileSync(file, 'utf8').match(COMMAND));
}

describe('continuous integration', () => {
  it('runs the same commands in the workflow as in .ci/run', () => {
    const commands = commandsOf('.ci/run');
    expect(commands.size).toBeGreaterThan(8);
    expect([...commandsOf('.github/workflows/ci.yml')].sort()).toEqual([...commands].sort());
  });

  it('holds everything that `npm run check` holds', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    const commands = commandsOf('.ci/run');
    expect((scripts['check'].match(COMMAND) ?? []).filter((command) => !commands.has(command))).toEqual([]);
  });
});
