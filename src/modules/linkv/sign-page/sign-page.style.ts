export const SIGN_STYLE = `
:root { color-scheme: light dark; --ink: #1d2129; --soft: #667085; --line: #d8dee8; --card: #fff; --back: #f4f6fa; --main: #1a66d6; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #98a2b3; --line: #384152; --card: #1b212c; --back: #12161d; --main: #5a9bff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, "PingFang SC", "Noto Sans SC", sans-serif; }
header { padding: 20px 28px 0; max-width: 1280px; margin: auto; }
h1 { font-size: 22px; margin: 0; }
h1 span, h2 span { color: var(--soft); font-weight: 400; }
header p { margin: 4px 0 0; color: var(--soft); }
a { color: var(--main); }
main { display: grid; grid-template-columns: minmax(320px, 5fr) minmax(320px, 7fr); gap: 20px; padding: 18px 28px 40px; max-width: 1280px; margin: auto; }
@media (max-width: 820px) { main { grid-template-columns: 1fr; } }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 6px 20px 20px; min-width: 0; }
h2 { font-size: 15px; margin: 18px 0 8px; }
label { display: grid; grid-template-columns: 118px 1fr; align-items: center; gap: 10px; margin: 6px 0; font-family: ui-monospace, Menlo, monospace; font-size: 13px; }
label small { grid-column: 2; color: var(--soft); font-family: system-ui, sans-serif; margin-top: -4px; }
input, select { width: 100%; padding: 7px 9px; border: 1px solid var(--line); border-radius: 6px; background: transparent; color: inherit; font: inherit; }
input:focus-visible, select:focus-visible, button:focus-visible { outline: 2px solid var(--main); outline-offset: 1px; }
.row { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 10px; }
button { padding: 8px 14px; border: 1px solid var(--main); border-radius: 6px; background: var(--main); color: #fff; font: inherit; cursor: pointer; }
button.quiet, button.copy, #routes button { background: transparent; color: var(--ink); border-color: var(--line); }
#routes button[aria-checked="true"] { border-color: var(--main); color: var(--main); font-weight: 600; }
button.copy { padding: 1px 9px; font-size: 12px; margin-left: 6px; }
pre { margin: 0; padding: 10px 12px; border: 1px solid var(--line); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, Menlo, monospace; min-height: 41px; }
`;
