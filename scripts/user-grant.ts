import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { loadConfig } from '../src/config/config.js';
import { ConfigError } from '../src/config/environment.js';
import { GrantError, grantPermission } from './users/grant.js';

if (existsSync('.env')) process.loadEnvFile('.env');
try {
  console.log(await grantPermission(loadConfig(process.env), process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof GrantError || error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
}
