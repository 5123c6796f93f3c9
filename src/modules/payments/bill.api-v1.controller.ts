import { Get } from '@nestjs/common';
import { Permission } from '../../common/permission.js';
import { Allow, ApiV1, Input } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { BillService } from './bill.service.js';
import { DifferencesDto, differencesView } from './payments.api-v1.dto.js';

@ApiV1('payment')
export class BillApiV1Controller {
  constructor(private readonly bills: BillService) {}

  @Get('differences')
  @Allow(Permission.Root)
  @Doc({
    zh: '对账差异 (仅 Root)',
    en: "Beyond the document: where WeChat's bill of a day (Beijing time) and our books differ; null where one side has nothing.",
    answer: { differences: [{ out_trade_no: 'LM3f0c…', kind: 'missing_here', ours: null, theirs: 23.5 }] },
  })
  async differences(@Input() { date }: DifferencesDto): Promise<object> {
    return differencesView(await this.bills.listDifferences(date));
  }
}
