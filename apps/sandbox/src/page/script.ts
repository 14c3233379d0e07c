/**
 * The page's script: follows changes, lets a person be chosen, presses buttons, submits modals and sends commands. It holds no `</` and no back-ticks,
 * so that it can stand in the page as it is.
 */
export const SCRIPT = `
'use strict';
const byId = (id) => document.getElementById(id);
const person = byId('person');
const closed = new Set();
let version = '', faults = '', modals = null, tab = 'channels';

function settle() {
  for (const time of document.querySelectorAll('time[data-local]')) {
    const at = new Date(time.dateTime);
    time.textContent = at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
    time.title = at.toLocaleString();
  }
  for (const details of document.querySelectorAll('details[id]')) {
    if (closed.has(details.id)) details.open = false;
    details.addEventListener('toggle', () => {
      if (details.open) closed.delete(details.id); else closed.add(details.id);
    });
  }
  for (const whisper of document.querySelectorAll('[data-only]')) {
    whisper.hidden = whisper.dataset.only !== person.value;
  }
  const home = byId('homes').querySelector('[data-home]:not([hidden])');
  byId('homes').querySelector('.empty').hidden = home !== null;
}

function show(text, good) {
  const toast = byId('toast');
  toast.textContent = text;
  toast.className = good ? 'toast good' : 'toast bad';
  toast.hidden = false;
  clearTimeout(show.timer);
  show.timer = setTimeout(() => { toast.hidden = true; }, 8000);
}

async function refresh() {
  const response = await fetch('/_page?version=' + version + '&faults=' + faults);
  if (response.status !== 200) return;
  const page = await response.json();
  byId('tickets').innerHTML = page.tickets;
  byId('channels').innerHTML = page.channels;
  byId('homes').innerHTML = page.homes;
  // Only when it differs: somebody may be writing.
  if (modals !== page.modals) byId('modals').innerHTML = modals = page.modals;
  byId('count-tickets').textContent = page.counts.tickets;
  byId('count-messages').textContent = page.counts.messages;
  byId('faults').hidden = page.faults === 0;
  byId('faults').textContent = page.faults + (page.faults === 1 ? ' fault is on' : ' faults are on');
  version = String(page.version);
  faults = String(page.faults);
  settle();
}

async function follow() {
  try {
    await refresh();
    byId('live').className = 'meta';
  } catch {
    byId('live').className = 'meta off';
  }
  setTimeout(follow, document.hidden ? 3000 : 700);
}

async function act(path, name, what, button) {
  if (button) button.disabled = true;
  let outcome = {};
  try {
    const response = await fetch(path, {
      method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ user: person.value, ...what }),
    });
    outcome = await response.json();
    const said = outcome.body ? ': ' + outcome.body.slice(0, 120) : '';
    const came = outcome.status ? outcome.status + said : outcome.error || (outcome.errors || []).join(' ') || outcome.modal;
    const took = outcome.ms === undefined ? '' : ' (' + outcome.ms + ' ms)';
    show(name + ' \\u2192 ' + came + took, outcome.status === 200 || outcome.modal === 'closed');
    await refresh();
  } catch (error) {
    show(name + ': ' + error.message, false);
  }
  if (button) button.disabled = false;
  return outcome;
}

function press(button) {
  const message = button.closest('[data-ts]');
  const place = message ? { channel: message.dataset.channel, ts: message.dataset.ts } : button.closest('[data-home]') ? { home: true } : null;
  if (!place) return;
  act('/_click', button.textContent.trim(), {
    ...place, action_id: button.dataset.action, block_id: button.dataset.block, value: button.dataset.value,
  }, button);
}

async function submit(form) {
  const values = {};
  for (const field of form.querySelectorAll('[data-input]')) {
    values[field.dataset.block] = { [field.dataset.input]: field.value };
  }
  const outcome = await act('/_submit', 'Submit', { view: form.dataset.view, values }, form.querySelector('[type=submit]'));
  for (const mistake of form.querySelectorAll('[data-mistake]')) {
    mistake.textContent = (outcome.fields || {})[mistake.dataset.mistake] || '';
    mistake.hidden = mistake.textContent === '';
  }
}

function choose(name) {
  tab = name;
  for (const button of document.querySelectorAll('[data-tab]')) button.setAttribute('aria-selected', String(button.dataset.tab === name));
  for (const id of ['channels', 'homes']) byId(id).hidden = id !== name;
  if (name === 'homes') act('/_home', 'Home', {});
}

document.addEventListener('submit', (event) => {
  event.preventDefault();
  if (event.target.id === 'typing') {
    choose('channels');
    act('/_command', byId('line').value, { line: byId('line').value }, event.target.querySelector('button'));
  } else if (event.target.dataset.view) submit(event.target);
});
document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-action]');
  if (button) press(button);
  const closing = event.target.closest('[data-close]');
  if (closing) act('/_close', 'Close', { view: closing.closest('[data-view]').dataset.view }, closing);
  const chosen = event.target.closest('[data-tab]');
  if (chosen) choose(chosen.dataset.tab);
});
try { person.value = localStorage.getItem('person') || 'U0ALICE'; } catch { }
person.addEventListener('change', () => {
  try { localStorage.setItem('person', person.value); } catch { }
  settle();
  if (tab === 'homes') choose('homes');
});
follow();
`;
