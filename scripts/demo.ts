import { aDayInTheMall } from './demo/a-day-in-the-mall.js';
import { Mall } from './demo/mall.js';
import { told } from './demo/story.js';

const started = Date.now();
const mall = await Mall.open();
try {
  await aDayInTheMall(mall);
  console.log(`\n${told()} steps in ${((Date.now() - started) / 1000).toFixed(1)} s, every one as it should be.`);
} catch (error) {
  console.error(`\nA false note: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await mall.close();
}
