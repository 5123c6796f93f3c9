import { Get } from '@nestjs/common';
import { Permission } from '../../../common/permission.js';
import { Allow, ApiV1, Input, RateLimit } from '../../../protocols/decorators.js';
import { Doc } from '../../../protocols/doc.js';
import { DIFFERENCES_EXAMPLE, DifferencesDto, DifferencesView, differencesView } from './bill.api-v1.dto.js';
import { BillService } from './bill.service.js';

@ApiV1('payment')
export class BillApiV1Controller {
  constructor(private readonly bills: BillService) {}

  @Get('differences')
  @Allow(Permission.Root)
  @RateLimit('inquiry')
  @Doc<DifferencesView>({
    zh: '对账差异 (仅 Root)',
    en: "Beyond the document: where WeChat's bill of a day (Beijing time) and our books differ; null where one side has nothing.",
    answer: DIFFERENCES_EXAMPLE,
  })
  async differences(@Input() { date }: DifferencesDto): Promise<DifferencesView> {
    return differencesView(await this.bills.listDifferences(date));
  }
}
