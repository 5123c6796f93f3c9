import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Schema } from '../src/database/schema.js';

export class Users1795000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const schema = new Schema(runner);
    await schema.createTable(
      'idempotency_keys',
      {
        id: schema.text(64, { isPrimary: true }),
        hash: schema.text(64),
        result: { ...schema.longText, isNullable: true },
        created_at: schema.instant,
      },
      { indexes: { idx_idempotency_keys_created: ['created_at'] } },
    );
    await schema.createTable(
      'users',
      {
        id: schema.counter,
        uid: schema.text(32),
        name: schema.text(64),
        avatar: schema.text(1024),
        agent: schema.text(64),
        gender: schema.small,
        province: schema.text(64),
        city: schema.text(64),
        phone: schema.text(20, { isNullable: true }),
        permission: schema.small,
        token_version: schema.small,
        created_at: schema.instant,
        updated_at: schema.instant,
      },
      {
        uniques: { uq_users_uid: ['uid'], uq_users_phone: ['phone'] },
        indexes: { idx_users_permission: ['permission'] },
      },
    );
    await schema.createTable(
      'wechat_identities',
      {
        app_id: schema.text(64, { isPrimary: true }),
        openid: schema.text(128, { isPrimary: true }),
        unionid: schema.text(128, { isNullable: true }),
        user_id: schema.ref,
        created_at: schema.instant,
      },
      { indexes: { idx_wechat_identities_user: ['user_id'] } },
    );
    await schema.createTable(
      'login_sessions',
      {
        id: schema.text(64, { isPrimary: true }),
        user_id: schema.ref,
        token_version: schema.small,
        created_at: schema.instant,
        expires_at: schema.instant,
        revoked_at: { ...schema.instant, isNullable: true },
      },
      { indexes: { idx_login_sessions_user: ['user_id'], idx_login_sessions_expires: ['expires_at'] } },
    );
    await schema.createTable(
      'refresh_tokens',
      {
        hash: schema.text(64, { isPrimary: true }),
        session_id: schema.text(64),
        expires_at: schema.instant,
        used_at: { ...schema.instant, isNullable: true },
        successor: schema.text(255, { isNullable: true }),
      },
      { indexes: { idx_refresh_tokens_session: ['session_id'], idx_refresh_tokens_expires: ['expires_at'] } },
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['refresh_tokens', 'login_sessions', 'wechat_identities', 'users', 'idempotency_keys']) {
      await runner.dropTable(table);
    }
  }
}
