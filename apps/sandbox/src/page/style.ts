/** The page's style; colours follow Jira's and Slack's, and the viewer's light or dark preference. */
export const STYLE = `
:root { color-scheme: light dark; --bg: #f4f5f7; --card: #fff; --ink: #172b4d; --soft: #626f86; --line: #dfe1e6;
  --chip: #f1f2f4; --blue: #0c66e4; --slack: #4a154b; --green: #007a5a; --red: #c9372c; --danger: #c9372c; --code: #f1f2f4;
  --link: #0c66e4; }
@media (prefers-color-scheme: dark) { :root { --bg: #161a1d; --card: #22272b; --ink: #dee4ea; --soft: #9fadbc;
  --line: #38414a; --chip: #2c333a; --code: #2c333a; --link: #85b8ff; --danger: #fd9891; } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; background: var(--bg); color: var(--ink);
  font: 14px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Color Emoji', sans-serif; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
.grow { flex: 1; min-width: 0; }
.meta { color: var(--soft); font-size: 12px; }
.meta b { color: var(--ink); font-size: 13px; }
.bar { display: flex; align-items: center; gap: 16px; padding: 10px 20px; background: var(--card);
  border-bottom: 1px solid var(--line); flex-wrap: wrap; }
.bar h1 { font-size: 17px; margin: 0; letter-spacing: -.01em; }
.bar h1 span { font-weight: 400; color: var(--soft); }
.bar select { font: inherit; padding: 5px 8px; border: 1px solid var(--line); border-radius: 6px;
  background: var(--card); color: var(--ink); margin-left: 6px; }
.dot { display: inline-block; width: 8px; height: 8px; border-radius: 50%; background: #22a06b; margin-right: 2px; }
.off .dot { background: var(--red); }
.fault { background: #fff0b3; color: #7f5f01; border-radius: 99px; padding: 2px 12px; font-size: 12px;
  font-weight: 600; }
main { flex: 1; min-height: 0; display: grid; grid-template-columns: 1fr 1fr; gap: 16px; padding: 16px 20px; }
.column { display: flex; flex-direction: column; min-height: 0; min-width: 0; background: var(--card);
  border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.column h2 { display: flex; align-items: center; gap: 10px; margin: 0; padding: 10px 16px; font-size: 15px;
  color: #fff; background: var(--blue); }
.slack h2 { background: var(--slack); }
.logo { display: grid; place-items: center; width: 24px; height: 24px; border-radius: 6px; background: #ffffff2e;
  font-weight: 700; }
.count { margin-left: auto; font-size: 12px; font-weight: 600; background: #ffffff2e; border-radius: 99px;
  padding: 1px 10px; }
.count:empty { display: none; }
.scroll { flex: 1; overflow-y: auto; padding: 14px 16px; }
.empty { color: var(--soft); text-align: center; padding: 24px; }
.ticket { border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; margin-bottom: 12px;
  scroll-margin: 12px; }
.ticket:target { border-color: var(--blue); box-shadow: 0 0 0 2px #0c66e440; }
.ticket h3 { margin: 6px 0; font-size: 15px; font-weight: 600; overflow-wrap: anywhere; }
.row { display: flex; align-items: center; gap: 8px; flex-wrap: wrap; }
.type { display: grid; place-items: center; width: 16px; height: 16px; border-radius: 3px; background: #4bade8;
  color: #fff; font-size: 11px; font-weight: 700; }
.key { color: var(--soft); font-weight: 600; font-size: 13px; }
.lozenge { border-radius: 3px; padding: 1px 6px; font-size: 11px; font-weight: 700; text-transform: uppercase;
  letter-spacing: .02em; background: #dcdfe4; color: #44546f; }
.lozenge.indeterminate { background: #cce0ff; color: #0055cc; }
.lozenge.done { background: #baf3db; color: #216e4e; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; }
.chip { background: var(--chip); border-radius: 4px; padding: 1px 7px; font-size: 12px; overflow-wrap: anywhere; }
summary { cursor: pointer; color: var(--soft); font-size: 12px; font-weight: 600; padding: 4px 0; }
.rich { overflow-wrap: anywhere; }
.rich h1, .rich h2, .rich h3, .rich h4, .rich h5, .rich h6 { font-size: 14px; margin: 10px 0 4px; background: none;
  color: inherit; padding: 0; display: block; }
.rich p { margin: 4px 0; }
.rich ul, .rich ol { margin: 4px 0; padding-left: 22px; }
table { border-collapse: collapse; margin: 6px 0; width: 100%; }
td, th { border: 1px solid var(--line); padding: 4px 8px; text-align: left; vertical-align: top; }
th { background: var(--chip); width: 30%; }
td p, th p { margin: 0 !important; }
.panel { border-radius: 6px; padding: 6px 12px; margin: 6px 0; background: #0c66e41a; }
.panel.warning, .panel.note { background: #e2b2031f; }
.panel.error { background: #c9372c1f; }
.panel.success { background: #22a06b1f; }
.comment { border-top: 1px solid var(--line); padding: 8px 0 2px; }
.links { margin: 6px 0; padding-left: 20px; font-size: 13px; }
code { background: var(--code); border: 1px solid var(--line); border-radius: 4px; padding: 0 4px;
  font: 12px/1.4 ui-monospace, Menlo, Consolas, monospace; color: #c01343; }
@media (prefers-color-scheme: dark) {
  code { color: #ff8fab; }
}
pre { background: var(--code); border: 1px solid var(--line); border-radius: 6px; padding: 8px 10px; margin: 4px 0;
  overflow-x: auto; font: 12px/1.5 ui-monospace, Menlo, Consolas, monospace; white-space: pre-wrap; }
blockquote { margin: 4px 0; padding-left: 12px; border-left: 4px solid var(--line); }
hr { border: 0; border-top: 1px solid var(--line); margin: 10px 0; }
.channel > h3 { position: sticky; top: -14px; z-index: 1; margin: -14px -16px 6px; padding: 10px 16px;
  font-size: 14px; background: var(--card); border-bottom: 1px solid var(--line); }
.channel + .channel { margin-top: 24px; }
.hash { color: var(--soft); }
.channel h3 .meta { font-weight: 400; margin-left: 6px; }
.message { display: flex; gap: 10px; padding: 10px 0; overflow-wrap: anywhere; }
.message + .message { border-top: 1px solid var(--line); }
.avatar { flex: none; display: grid; place-items: center; width: 36px; height: 36px; border-radius: 8px;
  background: linear-gradient(135deg, #0c66e4, #4a154b); color: #fff; font-size: 13px; font-weight: 700; }
.body { flex: 1; min-width: 0; }
.app { background: var(--chip); border-radius: 3px; padding: 0 4px; font-size: 10px; font-weight: 700; }
.body h4 { margin: 4px 0; font-size: 17px; line-height: 1.35; }
.text { margin: 4px 0; }
.section { display: flex; gap: 12px; margin: 4px 0; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 16px; margin: 6px 0; }
.context { display: flex; flex-wrap: wrap; gap: 4px 12px; color: var(--soft); font-size: 12px; margin: 6px 0; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0 4px; }
button, .button { font: inherit; font-size: 13px; font-weight: 700; padding: 5px 14px; border-radius: 6px;
  border: 1px solid var(--line); background: var(--card); color: var(--ink); cursor: pointer; align-self: start; }
button:hover { filter: brightness(.95); }
button:focus-visible, select:focus-visible, summary:focus-visible, a:focus-visible { outline: 2px solid #388bff;
  outline-offset: 2px; }
button:disabled { opacity: .5; cursor: wait; }
button.primary { background: var(--green); border-color: var(--green); color: #fff; }
button.danger { background: var(--card); border-color: var(--danger); color: var(--danger); }
.mention { background: #1d9bd11a; color: var(--link); border-radius: 3px; padding: 0 3px; }
.mention.loud { background: #f2c74466; color: inherit; }
.thread { margin: 6px 0 0; padding-left: 14px; border-left: 3px solid var(--line); }
.thread summary { color: var(--link); }
.thread .avatar { width: 24px; height: 24px; font-size: 10px; border-radius: 6px; }
.thread .message { padding: 6px 0; border: 0; }
.message.whisper { border: 0; margin: 6px 0; }
.whisper { background: #e2b20314; border-radius: 8px; padding: 10px; }
.gone { color: var(--soft); font-style: italic; }
.deal { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin: 8px 0 2px; font-size: 12px; color: var(--soft); }
.deal button, .deal select { font: inherit; font-weight: 600; padding: 2px 8px; border: 1px solid var(--line);
  border-radius: 6px; background: var(--card); color: var(--ink); }
.toast { position: fixed; left: 50%; top: 64px; z-index: 2; transform: translateX(-50%); max-width: min(680px, 90vw);
  padding: 10px 18px; border-radius: 8px; color: #fff; background: var(--green); box-shadow: 0 8px 24px #091e4240;
  font-weight: 600; overflow-wrap: anywhere; }
.toast.bad { background: var(--red); }
.tabs { display: flex; gap: 4px; padding: 8px 16px 0; }
.tabs button { border: 0; border-bottom: 2px solid transparent; border-radius: 0; background: none; color: var(--soft); }
.tabs button[aria-selected=true] { border-color: var(--slack); color: var(--ink); }
.typing { display: flex; gap: 8px; padding: 10px 16px; border-top: 1px solid var(--line); }
input, textarea { font: inherit; width: 100%; padding: 5px 10px; border: 1px solid var(--line); border-radius: 6px;
  background: var(--card); color: var(--ink); resize: vertical; }
.veil { position: fixed; inset: 0; z-index: 1; display: grid; place-items: center; background: #091e4280; }
.modal { width: min(520px, 92vw); max-height: 90vh; overflow-y: auto; padding: 20px 24px; border-radius: 10px;
  background: var(--card); box-shadow: 0 8px 24px #091e4240; }
.modal h4 { margin: 0 0 10px; font-size: 17px; }
.modal > .actions { justify-content: flex-end; margin-top: 16px; }
.input { display: block; margin: 12px 0; }
.mistake { display: block; color: var(--danger); }
@media (max-width: 820px) { main { grid-template-columns: 1fr; overflow-y: auto; } .column { max-height: none;
  min-height: 340px; } .fields { grid-template-columns: 1fr; } }
`;
