import { parseArgs } from 'node:util';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { model } from '../../ormconfig.js';
import { DomainError } from '../../src/common/domain-error.js';
import type { Config } from '../../src/config/config.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import { UsersModule } from '../../src/modules/users/users.module.js';
import { ProtocolsModule } from '../../src/protocols/protocols.module.js';
import { OperationsModule } from '../../src/operations/operations.module.js';
import { UsersService } from '../../src/modules/users/users.service.js';

export const USAGE = `npm run user:grant -- (--openid <openid> | --user-id <id>) --permission <0 to 7>
  permission is the sum of 1 user, 2 merchant, 4 root; 0 disables the account`;

/** What was asked for cannot be done; the message is for the operator. */
export class GrantError extends Error {}

/** As much of the mall as a change of permission needs. */
@Module({})
class GrantModule {
  static forRoot(config: Config): DynamicModule {
    return {
      module: GrantModule,
      imports: [
        ConfigModule.forRoot(config),
        DatabaseModule.forRoot(model),
        ProtocolsModule,
        OperationsModule,
        UsersModule,
      ],
    };
  }
}

interface Grant {
  readonly openid?: string;
  readonly userId?: number;
  readonly permission: number;
}

/**
 * Sets a user's permission by the same use case as `user/modifyPermission`; running servers see it within a second.
 * Returns the sentence to print. @throws GrantError
 */
export async function grantPermission(config: Config, args: readonly string[]): Promise<string> {
  const grant = readGrant(args);
  const options = { logger: false, abortOnError: false } as const;
  const context = await NestFactory.createApplicationContext(GrantModule.forRoot(config), options);
  try {
    const users = context.get(UsersService);
    const userId = grant.userId ?? (await findUserId(users, config.wechat.miniProgram.appId, grant.openid!));
    await users.setPermission(userId, grant.permission);
    return `user ${userId} has permission ${grant.permission} now`;
  } catch (error) {
    throw error instanceof DomainError ? new GrantError(error.message, { cause: error }) : error;
  } finally {
    await context.close();
  }
}

async function findUserId(users: UsersService, appId: string, openid: string): Promise<number> {
  const user = await users.findByIdentity({ appId, openid });
  if (!user) throw new GrantError(`nobody has logged in with this openid under app ${appId} yet`);
  return user.id;
}

function readGrant(args: readonly string[]): Grant {
  const text = { type: 'string' } as const;
  const { openid, 'user-id': id, permission } = valuesOf(args, { openid: text, 'user-id': text, permission: text });
  if ((openid === undefined) === (id === undefined)) throw new GrantError(`give --openid or --user-id\n${USAGE}`);
  if (id !== undefined && !/^[1-9]\d{0,14}$/.test(id)) throw new GrantError(`--user-id must be a number\n${USAGE}`);
  if (!/^[0-7]$/.test(permission ?? '')) throw new GrantError(`--permission must be 0 to 7\n${USAGE}`);
  return { openid, userId: id === undefined ? undefined : Number(id), permission: Number(permission) };
}

function valuesOf(
  args: readonly string[],
  options: Record<'openid' | 'user-id' | 'permission', { readonly type: 'string' }>,
) {
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw new GrantError(`${(error as Error).message}\n${USAGE}`, { cause: error });
  }
}
