import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { Config } from '../config/config.js';
import { dialectOfPath } from '../protocols/dialects/dialects.js';
import { completeOperation, type Operation } from './docs.operation.js';
import { REFUSAL, refusalComponent } from './docs.responses.js';

const WIRES = {
  'api-v1': 'The mall of the mini program (docs/api/api-v1.md)',
  liveuser: 'Users, login, orders and payment (docs/api/liveuser.md and docs/api/liveuser-first-edition.md)',
  web: 'Accounts with cookies, wallet purchases, recharge (docs/api/web.md)',
  open: 'The LinkV coin wallet (docs/api/open.md). Every request is signed: the [signing helper](/docs/open/sign) makes one that is ready to send.',
  operator: 'Health and metrics',
} as const;

type Wire = keyof typeof WIRES;
const METHODS = ['get', 'post', 'put', 'delete', 'patch'] as const;
/** Swagger UI brings its own script and style; only under /docs are they allowed. */
const DOCS_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data:";

/** `/docs` shows one document per wire; `/docs/<wire>.json` is the document itself. */
export function serveDocs(app: NestExpressApplication, config: Config): void {
  let documents: Map<Wire, OpenAPIObject> | undefined;
  const documentOf = (wire: Wire): OpenAPIObject => (documents ??= buildDocuments(app)).get(wire)!;
  const wires = Object.keys(WIRES) as Wire[];
  app.use('/docs', (request: Request, response: Response, next: () => void) => {
    response.setHeader('Content-Security-Policy', DOCS_POLICY);
    const wire = wires.find((name) => request.path === `/${name}.json`);
    if (wire) response.json(documentOf(wire));
    else next();
  });
  SwaggerModule.setup('docs', app, () => documentOf('api-v1'), {
    explorer: true,
    customSiteTitle: 'livemall API',
    swaggerOptions: {
      urls: wires.map((wire) => ({ url: `/docs/${wire}.json`, name: wire })),
      persistAuthorization: !config.production,
      tagsSorter: 'alpha',
      displayRequestDuration: true,
    },
  });
}

function buildDocuments(app: NestExpressApplication): Map<Wire, OpenAPIObject> {
  const whole = SwaggerModule.createDocument(app, baseOf('livemall', ''), { autoTagControllers: false });
  const documents = new Map<Wire, OpenAPIObject>();
  for (const [wire, description] of Object.entries(WIRES) as [Wire, string][]) {
    const paths = Object.entries(whole.paths).filter(([path]) => wireOf(path) === wire);
    const document: OpenAPIObject = {
      ...whole,
      ...baseOf(`livemall: ${wire}`, description),
      paths: structuredClone(Object.fromEntries(paths)),
      components: {
        schemas: { ...whole.components?.schemas },
        securitySchemes: { ...baseOf('', '').components?.securitySchemes },
      },
    };
    document.components!.schemas![REFUSAL] = refusalComponent(dialectOfPath(paths[0][0])) as never;
    completePaths(document);
    keepUsedSchemas(document);
    keepUsedSecurity(document);
    documents.set(wire, document);
  }
  return documents;
}

function completePaths(document: OpenAPIObject): void {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method] as unknown as Operation | undefined;
      if (operation) completeOperation(operation, { method, path }, document);
    }
  }
}

/** The other wires' DTOs, and those that became query parameters, are not this document's. */
function keepUsedSchemas(document: OpenAPIObject): void {
  const all = document.components?.schemas ?? {};
  const used: typeof all = {};
  const keep = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (name in used) continue;
      used[name] = all[name];
      keep(all[name]);
    }
  };
  keep(document.paths);
  document.components = { ...document.components, schemas: used };
}

function keepUsedSecurity(document: OpenAPIObject): void {
  const used = JSON.stringify(
    Object.values(document.paths).flatMap((item) => METHODS.map((method) => item[method]?.security)),
  );
  const schemes = Object.entries(document.components?.securitySchemes ?? {});
  document.components!.securitySchemes = Object.fromEntries(schemes.filter(([name]) => used.includes(`"${name}"`)));
}

function wireOf(path: string): Wire {
  const { name } = dialectOfPath(path);
  if (path === '/metrics') return 'operator';
  return name === 'wechat' ? 'api-v1' : name;
}

function baseOf(title: string, description: string): Omit<OpenAPIObject, 'paths'> {
  return new DocumentBuilder()
    .setTitle(title)
    .setDescription(description)
    .setVersion('1.0')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/')
    .addBearerAuth()
    .addCookieAuth('session')
    .build();
}
