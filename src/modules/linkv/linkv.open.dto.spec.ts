import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { fieldNames } from '../../protocols/fields.js';
import { ChangeGoldDto, OrderSuccessDto, refuseHiddenParameters, TokenDto, UserTokensDto } from './linkv.open.dto.js';

describe('a value that spells another parameter', () => {
  const names = new Set([TokenDto, UserTokensDto, ChangeGoldDto, OrderSuccessDto].flatMap(fieldNames));

  it.each([...names, 'key'])('is refused for %s', (name) => {
    expect(() => refuseHiddenParameters({ reason: `x&${name}=1` })).toThrow('a value spells another parameter');
  });

  it('is nothing else', () => {
    expect(names.size).toBeGreaterThanOrEqual(20);
    for (const reason of ['a&b=1', '&', 'uid=1', '&uidx=1', '&uid', 'x&Uid=1']) {
      expect(() => refuseHiddenParameters({ reason })).not.toThrow();
    }
  });
});
