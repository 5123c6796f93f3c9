import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Entity } from 'typeorm';
import { Counter, Flag, Instant, Json, Text } from './columns.js';
import { tableOf, type Stored } from './table.js';

@Entity('parcels')
class Parcel {
  @Counter()
  id!: number;

  @Text(64)
  recipientName!: string;

  @Text(64, { name: 'post_key' })
  key!: string;

  @Flag()
  fragile!: boolean;

  @Json()
  labels!: string[];

  @Instant({ nullable: true })
  sentAt!: number | null;
}

const PARCELS = tableOf(Parcel);

describe('a table', () => {
  it('lists all its columns, or those named, under the names of the fields', () => {
    expect(PARCELS.select()).toBe(
      'id, recipient_name AS recipientName, post_key AS key, fragile, labels, sent_at AS sentAt',
    );
    expect(PARCELS.select(['id', 'sentAt'], 'p')).toBe('p.id, p.sent_at AS sentAt');
    expect(PARCELS.names(['recipientName', 'key'])).toBe('recipient_name, post_key');
    expect(PARCELS.select(PARCELS.without('labels', 'key', 'fragile', 'sentAt'))).toBe(
      'id, recipient_name AS recipientName',
    );
  });

  it('makes of stored rows what the entity says, and leaves columns of other tables alone', () => {
    const stored = [
      { id: 1, fragile: 1, labels: '["red"]', merchant: 7 },
      { id: 2, fragile: 0 },
    ];
    expect(PARCELS.rows(stored as unknown as Stored<Partial<Parcel>>[])).toEqual([
      { id: 1, fragile: true, labels: ['red'], merchant: 7 },
      { id: 2, fragile: false },
    ]);
  });

  it('inserts many rows in one statement, by field and not by position', () => {
    const one = { recipientName: '小明', labels: ['a'], sentAt: null };
    const two = { sentAt: 5, labels: [], recipientName: 'x' };
    expect(PARCELS.insert([one, two])).toEqual({
      sql: 'INSERT INTO parcels (recipient_name, labels, sent_at) VALUES (?, ?, ?), (?, ?, ?)',
      params: ['小明', '["a"]', null, 'x', '[]', 5],
    });
  });

  it('assigns what is given; undefined leaves a field as it is, null does not', () => {
    expect(PARCELS.assign({ key: 'k', fragile: false, recipientName: undefined, sentAt: null })).toEqual({
      sql: 'post_key = ?, fragile = ?, sent_at = ?',
      params: ['k', false, null],
    });
  });

  it('knows no field that is no column, and no class that is no table', () => {
    expect(() => PARCELS.insert([{ recipient_name: 'x' } as Partial<Parcel>])).toThrow('parcels has no column');
    expect(() => tableOf(class Stranger {})).toThrow('Stranger is no table');
  });
});
