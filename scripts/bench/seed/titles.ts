const KINDS =
  '鸡小排 猪小排 牛肋条 羊腿肉 五花肉 三文鱼 大闸蟹 小龙虾 车厘子 水蜜桃 香梨子 红富士 土豆粉 菠菜叶 西兰花 秋葵荚 豆腐干 豆瓣酱 老干妈 花生油'.split(
    ' ',
  );
const WORDS = Array.from('东西南北中上下左右大小高低前后春夏秋冬金木水火土天地人和山川河海风云雨雪日月星辰');

/**
 * A title as shops write them: a common word, what it is, two characters, a weight. 新鲜 is in half of them, 鸡小排 in 1 of 20,
 * 稀有货 in 1 of 1,000, g in each; no title has 新鲜鸡猪小排, though all of its pairs but one are common.
 */
export function titleOf(productId: number): string {
  const state = productId % 2 ? '新鲜' : '冷冻';
  const words = WORDS[productId % WORDS.length] + WORDS[(productId * 7) % (WORDS.length - 1)];
  const rare = productId % 1000 === 7 ? '稀有货' : '';
  return `${state}${KINDS[productId % KINDS.length]}${words}${rare} ${100 + (productId % 900)}g`;
}
