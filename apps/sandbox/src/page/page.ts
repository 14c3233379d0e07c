import { PEOPLE } from '../slack/people.js';
import { Html, html } from './html.js';
import { ISSUE_SCRIPT } from './issue-script.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' " +
  "rx='8' fill='%230c66e4'/%3E%3Cpath d='M9 17l5 5 9-12' fill='none' stroke='white' stroke-width='4'/%3E%3C/svg%3E";

/** What changes on the page. */
interface Parts {
  readonly tickets: Html;
  readonly channels: Html;
  readonly homes: Html;
  readonly modals: Html;
}

/**
 * The whole page; its style and script stand inside it and carry the nonce of the content security policy.
 */
export function pageHtml({ tickets, channels, homes, modals }: Parts, nonce: string): Html {
  const people = PEOPLE.map(({ id, realName, email }) => {
    const words = email === null ? `${realName} (no e-mail)` : `${realName} · ${email}`;
    return html`<option value="${id}">${words}</option>`;
  });
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Dep Tracker sandbox</title>
<link rel="icon" href="${ICON}">
<style nonce="${nonce}">${new Html(STYLE)}</style>
</head>
<body>
<header class="bar">
  <h1>Dep Tracker <span>sandbox</span></h1>
  <span class="meta" id="live" role="status"><i class="dot"></i> live</span>
  <span class="fault" id="faults" hidden></span>
  <span class="grow"></span>
  <label>Act as <select id="person">${people}</select></label>
</header>
<main>
  <section class="column jira" aria-label="Jira">
    <h2><span class="logo">J</span> Jira <span class="count" id="count-tickets"></span></h2>
    <div class="scroll" id="tickets">${tickets}</div></section>
  <section class="column slack" aria-label="Slack">
    <h2><span class="logo">#</span> Slack <span class="count" id="count-messages"></span></h2>
    <div class="tabs" role="tablist">
      <button type="button" role="tab" data-tab="channels" aria-selected="true">Channels</button>
      <button type="button" role="tab" data-tab="homes" aria-selected="false">Home</button></div>
    <div class="scroll" id="channels">${channels}</div>
    <div class="scroll" id="homes" hidden>${homes}</div>
    <form class="typing" id="typing"><input id="line" aria-label="Slash command" autocomplete="off" value="/deployments help">
      <button type="submit">Send</button></form></section>
</main>
<div id="modals">${modals}</div>
<div class="toast" id="toast" role="status" hidden></div>
<script nonce="${nonce}">${new Html(SCRIPT + ISSUE_SCRIPT)}</script>
</body>
</html>`;
}
