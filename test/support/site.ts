import request from 'supertest';

/** Calls over HTTP, as a client makes them. */
export abstract class Site {
  abstract get url(): string;

  get(path: string, query: object = {}, token?: string): request.Test {
    const test = request(this.url).get(path).query(query);
    return token === undefined ? test : test.set('Authorization', `Bearer ${token}`);
  }

  post(path: string, body: object = {}, token?: string): request.Test {
    const test = request(this.url).post(path).send(body);
    return token === undefined ? test : test.set('Authorization', `Bearer ${token}`);
  }
}
