import { Entity } from 'typeorm';
import { Instant, KeyRef } from '../columns.js';

/** Written for each ten minutes in which some instance was up: a measure of time that no clock can be wrong about. */
@Entity('uptime_marks')
export class UptimeMark {
  /** Counts up from 1 without a gap. */
  @KeyRef() id!: number;
  @Instant() createdAt!: number;
}
