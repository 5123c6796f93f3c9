/** The page on which a person finishes or refuses a payment; it shows what the control API knows. Texts from users are set as text, never as HTML. */
export function simulatorPage(): string {
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>微信支付模拟器 · WeChat Pay simulator</title>
<style>${STYLE}</style>
</head>
<body>
<header>
  <div class="logo" aria-hidden="true">¥</div>
  <div>
    <h1>微信支付模拟器 <span>WeChat Pay simulator</span></h1>
    <p>仅供开发使用，不会产生真实扣款 · For development only, no real money moves</p>
  </div>
</header>
<main>
  <section>
    <h2>待支付 <span>Pending payments</span></h2>
    <div id="pending" class="cards"></div>
    <p class="empty" id="none">暂无待支付订单 · Nothing waits to be paid</p>
  </section>
  <section>
    <h2>最近支付 <span>Recent payments</span></h2>
    <table>
      <thead><tr><th>时间 Time</th><th>商品 Description</th><th>商户订单号 Number</th><th>状态 State</th><th class="amount">金额 Amount</th></tr></thead>
      <tbody id="payments"></tbody>
    </table>
  </section>
  <section>
    <h2>最近退款 <span>Recent refunds</span></h2>
    <table>
      <thead><tr><th>时间 Time</th><th>退款单号 Refund</th><th>商户订单号 Number</th><th>状态 State</th><th class="amount">金额 Amount</th></tr></thead>
      <tbody id="refunds"></tbody>
    </table>
  </section>
</main>
<div id="toast" role="status"></div>
<script>${SCRIPT}</script>
</body>
</html>`;
}

const STYLE = `
:root { --green: #07c160; --ink: #191919; --grey: #8a8f99; --line: #ebedf0; --red: #e5484d; --amber: #b7791f; }
* { box-sizing: border-box; }
body { margin: 0; background: #f5f6f8; color: var(--ink); font: 15px/1.5 -apple-system, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", "Segoe UI", sans-serif; }
header { background: linear-gradient(120deg, #07c160, #05a552); color: #fff; padding: 28px max(24px, calc(50vw - 476px)); display: flex; gap: 18px; align-items: center; }
.logo { flex: none; width: 52px; height: 52px; border-radius: 14px; background: rgba(255,255,255,.18); display: grid; place-items: center; font-size: 28px; font-weight: 700; }
h1 { margin: 0; font-size: 22px; } h1 span { font-weight: 400; opacity: .85; font-size: 16px; margin-left: 6px; }
header p { margin: 2px 0 0; opacity: .85; font-size: 13px; }
main { max-width: 1000px; margin: 0 auto; padding: 12px 24px 60px; }
h2 { font-size: 17px; margin: 28px 0 12px; } h2 span { color: var(--grey); font-weight: 400; font-size: 14px; margin-left: 6px; }
.cards { display: grid; gap: 14px; grid-template-columns: repeat(auto-fill, minmax(290px, 1fr)); }
.card { background: #fff; border-radius: 14px; padding: 18px; box-shadow: 0 1px 3px rgba(20,30,40,.07); display: flex; flex-direction: column; gap: 4px; }
.card .what { font-weight: 600; overflow-wrap: anywhere; }
.card .price { font-size: 30px; font-weight: 650; letter-spacing: -.5px; }
.card small, td.id { color: var(--grey); font-size: 12.5px; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.card .refused { color: var(--red); }
.buttons { display: flex; gap: 10px; margin-top: auto; padding-top: 12px; }
button { flex: 1; border: 0; border-radius: 9px; padding: 10px; font: inherit; font-weight: 600; cursor: pointer; }
button.pay { background: var(--green); color: #fff; } button.pay:hover { background: #06ad56; }
button.refuse { background: #f0f1f3; color: #50555e; } button.refuse:hover { background: #e4e6e9; }
button:focus-visible { outline: 3px solid #9fe3bf; outline-offset: 2px; } button:disabled { opacity: .5; cursor: wait; }
table { width: 100%; border-collapse: collapse; background: #fff; border-radius: 14px; overflow: hidden; box-shadow: 0 1px 3px rgba(20,30,40,.07); }
th, td { text-align: left; padding: 11px 14px; border-bottom: 1px solid var(--line); } tr:last-child td { border-bottom: 0; }
th { font-size: 12.5px; color: var(--grey); font-weight: 500; } .amount { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.none, .empty { color: var(--grey); text-align: center; } .empty { background: #fff; border-radius: 14px; padding: 26px; margin: 0; }
.tag { font-size: 12px; padding: 2px 9px; border-radius: 99px; background: #e7f8ef; color: #05874a; white-space: nowrap; }
.tag.wait { background: #fdf3dc; color: var(--amber); } .tag.bad { background: #fdebec; color: var(--red); }
#toast { position: fixed; left: 50%; bottom: 28px; transform: translateX(-50%); background: #191919; color: #fff; padding: 10px 20px; border-radius: 10px; opacity: 0; transition: opacity .2s; pointer-events: none; }
#toast.on { opacity: .92; }
@media (max-width: 640px) { td.id:nth-child(3), th:nth-child(3), td:nth-child(1), th:nth-child(1) { display: none; } th, td { padding: 10px; } }
`;

const SCRIPT = `
const $ = (id) => document.getElementById(id);
const yuan = (fen) => '¥' + Math.floor(fen / 100) + '.' + String(fen % 100).padStart(2, '0');
const time = (ms) => new Date(ms).toLocaleTimeString('zh-CN', { hour12: false });
const STATES = { SUCCESS: ['成功 Paid', ''], ARRIVED: ['已到账 Arrived', ''], REFUND: ['有退款 Refunded', 'wait'], CLOSED: ['已关闭 Closed', 'bad'], PROCESSING: ['处理中 Processing', 'wait'], ABNORMAL: ['异常 Abnormal', 'bad'] };
function make(tag, className, text) { const e = document.createElement(tag); e.className = className; e.textContent = text ?? ''; return e; }
async function post(path, body) {
  const reply = await fetch('/_control/' + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return reply.json();
}
function toast(text) { $('toast').textContent = text; $('toast').classList.add('on'); setTimeout(() => $('toast').classList.remove('on'), 1800); }
function button(className, text, act) {
  const b = make('button', className, text);
  b.onclick = async () => { b.disabled = true; toast(await act()); shown = ''; await refresh(); };
  return b;
}
function card(trade) {
  const c = make('div', 'card');
  c.append(make('div', 'what', trade.description), make('div', 'price', yuan(trade.total)), make('small', '', trade.outTradeNo), make('small', '', (trade.openid ?? 'APP') + ' · ' + trade.kind));
  if (trade.refusedAt) c.append(make('small', 'refused', '用户已拒绝 · refused by the user'));
  const buttons = make('div', 'buttons');
  buttons.append(
    button('pay', '支付 Pay', async () => { const r = await post('pay', { outTradeNo: trade.outTradeNo }); return r.ok ? '支付成功 · paid' : '未支付 · ' + r.reason; }),
    button('refuse', '拒绝 Refuse', async () => { await post('refuse', { outTradeNo: trade.outTradeNo }); return '已拒绝 · refused'; }),
  );
  c.append(buttons);
  return c;
}
function row(cells, state, amount) {
  const r = make('tr', '');
  r.append(make('td', '', cells[0]), make('td', cells[3] ?? '', cells[1]), make('td', 'id', cells[2]));
  const [text, className] = STATES[state] ?? [state, ''];
  const s = make('td', ''); s.append(make('span', 'tag ' + className, text));
  r.append(s, make('td', 'amount', yuan(amount)));
  return r;
}
function fill(id, rows) {
  if (rows.length === 0) { const none = make('td', 'none', '暂无 · none yet'); none.colSpan = 5; const r = make('tr', ''); r.append(none); rows = [r]; }
  $(id).replaceChildren(...rows);
}
let shown = '';
async function refresh() {
  const text = await (await fetch('/_control/books')).text();
  if (text === shown) return;
  shown = text;
  const books = JSON.parse(text);
  const newest = books.trades.slice().sort((a, b) => b.createdAt - a.createdAt);
  const pending = newest.filter((t) => t.state === 'NOTPAY' && t.timeExpire > Date.now());
  $('pending').replaceChildren(...pending.slice(0, 60).map(card));
  $('none').hidden = pending.length > 0;
  const done = newest.filter((t) => t.state !== 'NOTPAY').sort((a, b) => (b.successTime ?? b.createdAt) - (a.successTime ?? a.createdAt));
  fill('payments', done.slice(0, 20).map((t) => row([time(t.successTime ?? t.createdAt), t.description, t.outTradeNo], t.state, t.total)));
  fill('refunds', books.refunds.slice(-20).reverse().map((r) => row([time(r.createdAt), r.outRefundNo, r.outTradeNo, 'id'], r.status === 'SUCCESS' ? 'ARRIVED' : r.status, r.refund)));
}
refresh();
setInterval(() => refresh().catch(() => {}), 1500);
`;
