/**
 * The page's script: follows changes, lets a person be chosen, and presses buttons. It holds no `</` and no back-ticks,
 * so that it can stand in the page as it is.
 */
export const SCRIPT = `
'use strict';
const byId = (id) => document.getElementById(id);
const person = byId('person');
const closed = new Set();
let version = '', faults = '';

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

async function press(button) {
  const message = button.closest('[data-ts]');
  if (!message) return;
  const name = button.textContent.trim();
  button.disabled = true;
  try {
    const response = await fetch('/_click', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        channel: message.dataset.channel, ts: message.dataset.ts, user: person.value,
        action_id: button.dataset.action, block_id: button.dataset.block, value: button.dataset.value,
      }),
    });
    const outcome = await response.json();
    const said = outcome.body ? ': ' + outcome.body : '';
    const what = outcome.status ? outcome.status + said : outcome.error || (outcome.errors || []).join(' ');
    const took = outcome.ms === undefined ? '' : ' (' + outcome.ms + ' ms)';
    show(name + ' \\u2192 ' + what + took, outcome.status === 200);
  } catch (error) {
    show(name + ': ' + error.message, false);
  }
  button.disabled = false;
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-action]');
  if (button) press(button);
});
try { person.value = localStorage.getItem('person') || 'U0ALICE'; } catch { }
person.addEventListener('change', () => {
  try { localStorage.setItem('person', person.value); } catch { }
  settle();
});
follow();
`;
