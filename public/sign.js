'use strict';

/** RFC 1321, over UTF-8 bytes. */
function md5(text) {
  const bytes = new TextEncoder().encode(text);
  const words = new Uint32Array((((bytes.length + 8) >> 6) + 1) * 16);
  bytes.forEach((byte, index) => {
    words[index >> 2] |= byte << ((index % 4) * 8);
  });
  words[bytes.length >> 2] |= 0x80 << ((bytes.length % 4) * 8);
  words[words.length - 2] = bytes.length * 8;
  words[words.length - 1] = Math.floor(bytes.length / 0x20000000);
  const shifts = [
    [7, 12, 17, 22],
    [5, 9, 14, 20],
    [4, 11, 16, 23],
    [6, 10, 15, 21],
  ];
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < words.length; block += 16) {
    let [a, b, c, d] = state;
    for (let step = 0; step < 64; step += 1) {
      const round = step >> 4;
      const mix = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round];
      const word = [step, 5 * step + 1, 3 * step + 5, 7 * step][round] % 16;
      const sum = (a + mix + Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32) + words[block + word]) >>> 0;
      const shift = shifts[round][step % 4];
      [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) >>> 0];
    }
    [a, b, c, d].forEach((part, index) => {
      state[index] = (state[index] + part) >>> 0;
    });
  }
  return state
    .map((word) => [0, 8, 16, 24].map((bits) => ((word >>> bits) & 255).toString(16).padStart(2, '0')).join(''))
    .join('');
}

/** Runs in the browser. The secret is read from its field, goes into the digest and nowhere else: no storage, no address, no request. */
(() => {
  /** By name: path and fields, as /docs/open.json has them. */
  const routes = {};
  const values = {};
  const signing = new Set(['app_id', 'nonce_str', 'sign']);
  const random = (length) =>
    Array.from(
      crypto.getRandomValues(new Uint8Array(length)),
      (byte) => 'abcdefghijklmnopqrstuvwxyz0123456789'[byte % 36],
    ).join('');
  const now = () => Math.floor(Date.now() / 1000);
  const at = (id) => document.getElementById(id);
  let route = '';
  let nonce = '';
  let nonceAt = 0;

  function read(document) {
    for (const [path, { post }] of Object.entries(document.paths)) {
      const schema = post.requestBody.content['application/x-www-form-urlencoded'].schema;
      const { properties, required = [] } = document.components.schemas[schema.$ref.split('/').pop()];
      const fields = Object.entries(properties).filter(([name]) => !signing.has(name));
      routes[path.split('/').pop()] = {
        path,
        fields: fields.map(([name, rule]) => ({ name, ...rule, required: required.includes(name) })),
      };
    }
    for (const { fields } of Object.values(routes)) {
      for (const { name, example = '' } of fields) values[name] = String(example);
    }
    values.uid = '';
    route = 'thGetToken';
  }

  function given() {
    const all = { app_id: at('app_id').value, nonce_str: nonce };
    for (const { name } of routes[route].fields) all[name] = values[name] ?? '';
    return Object.entries(all)
      .filter(([, value]) => value !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  function show() {
    const parameters = given();
    const text = parameters.map(([name, value]) => name + '=' + value).join('&') + '&key=';
    const secret = at('secret').value;
    at('text').textContent = text + (secret ? '••••••••' : '');
    const sign = secret && at('app_id').value ? md5(text + secret) : '';
    const form = sign ? new URLSearchParams([...parameters, ['sign', sign]]).toString() : '';
    at('sign').textContent = sign || '请填写 app_id 和 secret · Fill in app_id and secret';
    at('form').textContent = form;
    at('curl').textContent =
      form && "curl -sS '" + location.origin + routes[route].path + "' \\\n  -d '" + form.replaceAll("'", '%27') + "'";
    at('send').disabled = !form;
    return form;
  }

  function freshNonce() {
    nonceAt = now();
    nonce = random(8) + nonceAt + random(8);
  }

  function fresh() {
    freshNonce();
    values.request_id = (at('app_id').value.slice(2, 24) || 'demo') + '-' + random(9);
    values.order_id = 'order-' + random(9);
    for (const { name, format } of Object.values(routes).flatMap(({ fields }) => fields)) {
      if (format === 'unix-time') values[name] = String(now() + 91 * 86400);
    }
  }

  function field({ name, required, description, enum: choices }) {
    const label = document.createElement('label');
    label.append(name + (required ? ' *' : ''));
    const input = document.createElement(choices ? 'select' : 'input');
    for (const choice of choices ? (required ? choices : ['', ...choices]) : [])
      input.append(new Option(choice, choice));
    input.value = values[name] ?? '';
    input.name = name;
    input.autocomplete = 'off';
    input.addEventListener('input', () => {
      values[name] = input.value;
      show();
    });
    label.append(input);
    if (description) label.append(Object.assign(document.createElement('small'), { textContent: description }));
    return label;
  }

  function draw() {
    at('routes').replaceChildren(
      ...Object.keys(routes).map((name) => {
        const button = Object.assign(document.createElement('button'), { type: 'button', textContent: name });
        button.setAttribute('role', 'radio');
        button.setAttribute('aria-checked', String(name === route));
        button.addEventListener('click', () => {
          route = name;
          draw();
        });
        return button;
      }),
    );
    at('fields').replaceChildren(...routes[route].fields.map(field));
    show();
  }

  async function send() {
    if (now() - nonceAt > 240) freshNonce();
    const form = show();
    if (!form) return;
    at('reply').textContent = '…';
    try {
      const response = await fetch(routes[route].path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: form,
        credentials: 'omit',
      });
      const text = await response.text();
      at('reply').textContent = 'HTTP ' + response.status + '\n' + text;
      values.uid = JSON.parse(text).data?.openId ?? values.uid;
    } catch (error) {
      at('reply').textContent = String(error);
    }
  }

  async function start() {
    read(await (await fetch('/docs/open.json', { credentials: 'omit' })).json());
    fresh();
    draw();
  }

  at('again').addEventListener('click', () => {
    fresh();
    draw();
  });
  at('send').addEventListener('click', () => void send());
  at('app_id').addEventListener('input', () => {
    fresh();
    draw();
  });
  at('secret').addEventListener('input', show);
  for (const button of document.querySelectorAll('[data-copy]')) {
    button.addEventListener('click', () => {
      void navigator.clipboard?.writeText(at(button.dataset.copy).textContent);
    });
  }
  start().catch((error) => {
    at('reply').textContent = String(error);
  });
})();
