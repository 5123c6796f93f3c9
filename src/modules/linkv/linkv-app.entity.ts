import { Entity, Index } from 'typeorm';
import { Instant, KeyText, Text } from '../../database/columns.js';

/** A partner whose servers call the open wire. Secrets are sealed, not hashed: the server computes signatures with them. */
@Entity('linkv_apps')
@Index('uq_linkv_apps_alias', ['alias'], { unique: true })
export class LinkvApp {
  @KeyText(64) appId!: string;
  @Text(64) name!: string;
  /** What the app sends as `channel`. */
  @Text(64) alias!: string;
  @Text(512) secret!: string;
  /** When something was first signed with `secret` after a rotation; null until then, and for one that never replaced another. */
  @Instant({ nullable: true }) secretUsedAt!: number | null;
  /** The secret before the last rotation, good until `previousUntil`. */
  @Text(512, { nullable: true }) previousSecret!: string | null;
  @Instant({ nullable: true }) previousUntil!: number | null;
  /** SHA-256 of the secret that the environment gave last; null for an app that root added. */
  @Text(64, { nullable: true }) seededHash!: string | null;
  @Instant({ nullable: true }) disabledAt!: number | null;
  @Instant() createdAt!: number;
}
