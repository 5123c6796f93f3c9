import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { loadConfig } from '../src/config/config.js';
import { verifyBooks } from './ledger/verify.js';

if (existsSync('.env')) process.loadEnvFile('.env');
try {
  process.exitCode = (await verifyBooks(loadConfig(process.env), (line) => console.log(line))) === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
