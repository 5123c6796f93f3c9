import { afterAll, beforeAll, describe } from '@jest/globals';
import { TestApp, type TestAppOptions, type TestUser } from './app.js';
import { Mall } from './mall.js';

/** What a test file works with. All of it may be named before the first hook, and used in hooks and tests only. */
export interface Stage {
  readonly app: TestApp;
  readonly mall: Mall;
  /** A user who is logged in before the tests, as {@link TestApp.login} does it. */
  readonly loggedIn: (name: string, permission?: number) => TestUser;
}

/** `describe` with a server of its own, started before the first test in it and stopped after the last. */
export function describeMall(title: string, tests: (stage: Stage) => void): void;
export function describeMall(title: string, options: TestAppOptions, tests: (stage: Stage) => void): void;
export function describeMall(
  title: string,
  optionsOrTests: TestAppOptions | ((stage: Stage) => void),
  testsOrNone?: (stage: Stage) => void,
): void {
  const [options, tests] = typeof optionsOrTests === 'function' ? [{}, optionsOrTests] : [optionsOrTests, testsOrNone!];
  describe(title, () => {
    const stage = startBeforeAll(options);
    tests(stage);
    // jest runs these hooks in the order of the file: what the tests undo themselves comes first.
    afterAll(() => stage.app.stop());
  });
}

/** As {@link describeMall}, for all tests of a file. */
export function openMall(options: TestAppOptions = {}): Stage {
  const stage = startBeforeAll(options);
  afterAll(() => stage.app.stop());
  return stage;
}

/** As {@link openMall}; whoever calls it stops the server. */
export function startBeforeAll(options: TestAppOptions): Stage {
  const app = new TestApp(options);
  beforeAll(() => app.open());
  const loggedIn = (name: string, permission = 1): TestUser => {
    const user = new LateUser();
    beforeAll(async () => {
      user.login = await app.login(name, permission);
    });
    return user;
  };
  return { app, mall: new Mall(app), loggedIn };
}

class LateUser implements TestUser {
  login: TestUser | null = null;

  get id(): number {
    return this.known.id;
  }

  get token(): string {
    return this.known.token;
  }

  get refreshToken(): string {
    return this.known.refreshToken;
  }

  private get known(): TestUser {
    if (!this.login) throw new Error('nobody is logged in yet: use a user in hooks and in tests');
    return this.login;
  }
}
